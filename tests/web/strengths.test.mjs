/** The page's strengths are those of strengths.json, to which tests/figures/test_strengths.py holds the figures. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { bucketLines } from "../../amplify_viz/ui/web/head_lines.js";
import { shadeOf } from "../../amplify_viz/ui/web/matrix_paint.js";
import { coloursOf } from "../../amplify_viz/ui/web/model_paint.js";
import { FAINTEST, floorFor, MOST_LINES, opacityOf, stepOf, STEPS } from "../../amplify_viz/ui/web/opacity.js";

const CASES = JSON.parse(readFileSync(new URL("strengths.json", import.meta.url), "utf8"));
const near = (found, expected, distance = 1e-9) => assert.ok(Math.abs(found - expected) <= distance, `${found} ${expected}`);

test("the limits are those of the figures", () => {
  assert.deepEqual([STEPS, MOST_LINES, FAINTEST], [32, 3000, 1 / 255]);
});

test("floors", () => {
  for (const { panels, scale, most, floor } of CASES.floors) {
    near(floorFor(panels.map((values) => ({ values: Float32Array.from(values) })), scale, most), floor);
  }
});

test("opacities", () => {
  for (const { scale, weights, opacities } of CASES.opacities) {
    assert.deepEqual(weights.map((weight) => opacityOf(stepOf(weight, scale))), opacities);
  }
});

test("lines from the floor on are drawn, each in the bucket of its opacity", () => {
  const { scale, weights, opacities } = CASES.opacities[0];
  const values = Float32Array.from([...weights, 0]);
  const choice = { heads: [0], scope: { mode: "all", from: null, to: null }, scale, floor: 0.25 };
  const { starts, pairs } = bucketLines(values, 3, choice);
  const drawn = Array.from({ length: STEPS }, (_, step) => [...pairs.slice(starts[step], starts[step + 1])].map((at) => [at, opacityOf(step)])).flat();
  const expected = weights.flatMap((weight, at) => (weight >= 0.25 ? [[at, opacities[at]]] : []));
  assert.deepEqual(drawn.toSorted((a, b) => a[0] - b[0]), expected);
});

test("shades of a matrix, and colours of the model view's bytes", () => {
  for (const { scale, weights, shades } of CASES.shades) weights.forEach((weight, i) => near(shadeOf(weight, scale), shades[i]));
  const [background, text] = [[255, 255, 255], [0, 0, 0]];
  const plain = coloursOf({ background, text, positive: text, negative: text }, null);
  near(plain[0][0], 255);
  near(plain[255][0], 0);
  near(plain[64][0], 255 * (1 - Math.sqrt(64 / 255)), 1);
});
