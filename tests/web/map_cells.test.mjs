import assert from "node:assert/strict";
import { test } from "node:test";

import { depthOf, places } from "../../amplify_viz/ui/web/map_cells.js";

const THEME = { background: [255, 255, 255], text: [20, 20, 20], positive: [0, 90, 200], negative: [200, 90, 0] };
const cell = (row, column) => ({ row, column, text: "", share: 0, name: "", facts: [], change: null });

test("cells stand where they say, and what is outside is left out", () => {
  const [one, other] = [cell(1, 0), cell(0, 2)];
  assert.deepEqual(places([one, other, cell(5, 0), cell(0, 3)], 2, 3), [[null, null, other], [one, null, null]]);
});

test("without a shade a sign has its colour and nothing the page's own", () => {
  assert.deepEqual(depthOf(0, THEME, null), THEME.background);
  assert.deepEqual(depthOf(1, THEME, null), THEME.positive);
  assert.deepEqual(depthOf(-1, THEME, null), THEME.negative);
  assert.deepEqual(depthOf(7, THEME, null), THEME.positive);
});

test("with a shade more is deeper", () => {
  const ink = [0.1, 0.5, 0.7].map((share) => depthOf(share, THEME, [120, 90, 160])[0]);
  assert.ok(ink[0] > ink[1] && ink[1] > ink[2]);
});
