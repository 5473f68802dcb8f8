import assert from "node:assert/strict";
import { test } from "node:test";

import { chosenHead, measured, measuresOf, orderOf, readModel, sameHead } from "../../amplify_viz/ui/web/model_data.js";
import { cellAt, hitHead, modelLayout, spotOf, walkHeads } from "../../amplify_viz/ui/web/model_layout.js";
import { coloursOf, fitted, markColour, shareOf } from "../../amplify_viz/ui/web/model_paint.js";
import { describeModel, modelNote, modelTable, modelTip } from "../../amplify_viz/ui/web/model_text.js";

const PLAIN = { marked: false, numbered: false };
const counted = (layers, heads) => orderOf({ n_layers: layers, n_heads: heads }, null);
const theme = { background: [255, 255, 255], text: [0, 0, 0], positive: [0, 0, 255], negative: [255, 128, 0] };

// Where things are

test("matrices fill the width from 14 to 88 pixels a head, and scroll where there are more", () => {
  assert.equal(modelLayout(counted(12, 12), 358, PLAIN).across, 27);
  assert.equal(modelLayout(counted(12, 12), 358, PLAIN).width, 358);
  assert.equal(modelLayout(counted(2, 4), 2000, PLAIN).across, 88);
  const crowded = modelLayout(counted(24, 32), 358, PLAIN);
  assert.equal(crowded.across, 14);
  assert.ok(crowded.width > 358);
});

test("strips take room above a matrix only where they show something", () => {
  const [none, thin, thick] = [PLAIN, { marked: true, numbered: false }, { marked: true, numbered: true }].map((strips) =>
    modelLayout(counted(12, 12), 900, strips),
  );
  assert.deepEqual([none.strip, thin.strip], [0, 4]);
  assert.ok(thick.strip >= 10);
  assert.ok(none.height < thin.height && thin.height < thick.height);
});

test("what is under a point is the head that is drawn there", () => {
  for (const order of [counted(3, 4), [[2, 0, 3, 1], [0, 1, 2, 3], [3, 2, 1, 0]]]) { // prettier-ignore
    const layout = modelLayout(order, 400, { marked: true, numbered: true });
    for (let index = 0; index < 12; index += 1) {
      const { x, y } = cellAt(layout, Math.floor(index / 4), index % 4);
      assert.deepEqual(hitHead(layout, x + 1, y + 1), { side: "from", index });
      assert.deepEqual(hitHead(layout, x + layout.side / 2, y - layout.strip / 2), { side: "from", index });
      const spot = spotOf(layout, { index });
      assert.deepEqual([spot.x, spot.y], [x + layout.side, y + layout.side / 2]);
    }
  }
});

test("outside the grid is nothing", () => {
  const layout = modelLayout(counted(3, 4), 400, PLAIN);
  for (const [x, y] of [[1, 60], [60, 1], [399, 60], [60, layout.height + 1], [-1, -1]]) { // prettier-ignore
    assert.equal(hitHead(layout, x, y), null);
  }
  assert.equal(hitHead(modelLayout([], 400, PLAIN), 60, 60), null);
});

test("arrow keys walk through the grid as it is drawn and never leave it", () => {
  const layout = modelLayout([[2, 0, 1], [0, 1, 2]], 400, PLAIN); // prettier-ignore
  const led = (index, key) => walkHeads(layout, { index }, key, 0).index;
  assert.equal(led(2, "ArrowRight"), 0);
  assert.equal(led(2, "ArrowLeft"), 2);
  assert.equal(led(2, "ArrowDown"), 3);
  assert.equal(led(5, "ArrowUp"), 1);
  assert.equal(led(4, "ArrowDown"), 4);
  assert.deepEqual(["Home", "End", "PageDown", "PageUp"].map((key) => led(0, key)), [2, 1, 4, 0]); // prettier-ignore
});

test("the first key leads to the chosen head, and other keys nowhere", () => {
  const layout = modelLayout(counted(2, 3), 400, PLAIN);
  assert.deepEqual(walkHeads(layout, null, "ArrowDown", 4), { side: "from", index: 4 });
  assert.equal(walkHeads(layout, null, "a", 4), null);
  assert.equal(walkHeads(modelLayout([], 400, PLAIN), null, "ArrowDown", 0), null);
});

// Measures and order

test("heads stand by their number, or the largest measure first in each layer", () => {
  const rows = { n_layers: 2, n_heads: 3 };
  assert.deepEqual(orderOf(rows, null), [[0, 1, 2], [0, 1, 2]]); // prettier-ignore
  assert.deepEqual(orderOf(rows, [[1, 3, 2], [5, 5, 5]]), [[1, 2, 0], [0, 1, 2]]); // prettier-ignore
  assert.deepEqual(orderOf(rows, [[1, null, 2]]), [[2, 0, 1], [0, 1, 2]]); // prettier-ignore
  assert.deepEqual(orderOf(rows, [[1, 2]]), [[1, 0, 2], [0, 1, 2]]); // prettier-ignore
});

const LOOK = { layer: 0, heads: null, level: "tokens", special: "shown", measure: null, arrange: "position", difference: null };
const SUBJECTS = ["one", "other"].map((title) => ({ id: title, title, n_layers: 2, n_heads: 2, tokens: "t", prediction: null }));
const ENTROPY = [[[1, 2], [3, 0.5]], [[4, 1], [1, 1]]]; // prettier-ignore
const PAIR = [[0.1, 0.2], [0.3, 0.4]]; // prettier-ignore

function modelOf(look = {}) {
  const chosen = { ...LOOK, ...look };
  const thumbnails = { values: new Uint8Array(16), shape: [2, 2, 2, 2] };
  const payloads = ENTROPY.map((entropy) => ({
    meta: { scale: 1, pooled: 1, measures: { entropy, across: null } }, arrays: { thumbnails },
  })); // prettier-ignore
  const subjects = [...SUBJECTS];
  if (chosen.difference) {
    subjects.push({ ...SUBJECTS[0], title: "difference", signed: true });
    payloads.push({ meta: { scale: 0.25, pooled: 1, measures: { absolute: PAIR, divergence: PAIR } }, arrays: { thumbnails } });
  }
  return readModel({ meta: { n_texts: 1, base: "/chunk", panels: SUBJECTS }, look: chosen, subjects, payloads });
}

test("the range is over all panels, and all stand in the order of the first", () => {
  const model = modelOf({ measure: "entropy", arrange: "measure" });
  assert.deepEqual(model.range, { low: 0.5, high: 4 });
  assert.deepEqual(model.orders, [[[1, 0], [0, 1]], [[1, 0], [0, 1]]]); // prettier-ignore
  assert.match(modelNote(model), /by entropy of one, the most first/);
});

test("a measure that is unknown, or of a difference that is not shown, marks nothing", () => {
  for (const measure of ["zz", "divergence", "across"]) {
    const model = modelOf({ measure, arrange: "measure" });
    assert.deepEqual([model.measure, model.range, model.sorted], [null, null, false]);
  }
});

test("a measure of two panels marks both and their difference", () => {
  const model = modelOf({ measure: "divergence", difference: [0, 1] });
  assert.deepEqual(model.values, [PAIR, PAIR, PAIR]);
  assert.equal(measured(model, 2, "entropy"), null);
});

test("what can be measured depends on the texts and on the difference", () => {
  const names = (n_texts, difference) => measuresOf({ meta: { n_texts }, look: { difference } });
  assert.deepEqual(names(1, null), ["entropy", "distance", "special", "first"]);
  assert.ok(names(2, null).includes("across"));
  assert.ok(names(2, [0, 1]).includes("divergence") && names(2, [0, 1]).includes("absolute"));
});

test("panels of other shapes know each other's heads by layer and head", () => {
  const [small, large] = [{ n_layers: 2, n_heads: 2 }, { n_layers: 4, n_heads: 4 }]; // prettier-ignore
  assert.equal(sameHead(small, large, 3), 5);
  assert.equal(sameHead(large, small, 5), 3);
  assert.equal(sameHead(large, small, 3), null);
  assert.equal(chosenHead({ look: { ...LOOK, layer: 1, heads: [1] } }, small), 3);
  assert.equal(chosenHead({ look: { ...LOOK, heads: [0, 1] } }, small), null);
});

// Shades

test("a record's shade is the root of its weight, a difference's goes to either side of the page", () => {
  const record = coloursOf(theme, null);
  assert.deepEqual([record[0], record[255]], [theme.background, theme.text]);
  assert.ok(Math.abs(record[64][0] - 255 * (1 - Math.sqrt(64 / 255))) < 1e-9);
  const difference = coloursOf(theme, 1);
  assert.deepEqual([difference[1], difference[128], difference[255]], [theme.negative, theme.background, theme.positive]);
  assert.ok(coloursOf(theme, 0.25)[255][0] === 127.5, "a small difference is not in full colour");
});

test("a matrix smaller than its pixels is repeated, a larger one keeps what is furthest from zero", () => {
  assert.deepEqual([...fitted(Uint8Array.of(1, 2, 3, 4), 2, { side: 4, zero: 0 })],
    [1, 1, 2, 2, 1, 1, 2, 2, 3, 3, 4, 4, 3, 3, 4, 4]); // prettier-ignore
  const values = new Uint8Array(16).fill(128);
  values[0] = 90;
  values[5] = 140;
  values[15] = 200;
  assert.deepEqual([...fitted(values, 4, { side: 2, zero: 128 })], [90, 128, 128, 200]);
  assert.deepEqual([...fitted(new Uint8Array(0), 0, { side: 1, zero: 128 })], [128]);
});

test("a strip is faint for the least and full for the largest", () => {
  assert.deepEqual([shareOf(1, { low: 1, high: 3 }), shareOf(2, { low: 1, high: 3 }), shareOf(3, { low: 3, high: 3 })], [0, 0.5, 1]);
  assert.deepEqual(markColour(1, theme), theme.positive);
  assert.ok(markColour(0, theme)[0] < 255);
});

// Words

test("the tooltip has the measures of the same head in all panels", () => {
  const model = modelOf({ difference: [0, 1] });
  const tip = modelTip({ model, rows: model.panels[1] }, { index: 1 });
  assert.equal(tip.heading, "Layer 1, head 2");
  const cells = Object.fromEntries(tip.table.rows.map(({ heading, cells }) => [heading.label, cells]));
  assert.deepEqual(cells["entropy (nats)"], ["2", "1", "–"]);
  assert.deepEqual(cells["divergence (bits)"], ["0.2", "0.2", "0.2"]);
  assert.match(tip.summary, /^layer 1, head 2: entropy \(nats\) 2, 1/);
});

test("the table has a row a head", () => {
  const model = modelOf({ difference: [0, 1] });
  const table = modelTable({ model, panel: 0, rows: model.panels[0] });
  assert.deepEqual(table.rows.map(({ cells }) => cells[0]), ["1", "2", "3", "0.5"]); // prettier-ignore
  const compared = modelTable({ model, panel: 2, rows: model.panels[2] });
  assert.deepEqual(compared.columns.map(({ label }) => label), ["difference of weights", "divergence (bits)"]); // prettier-ignore
});

test("the picture is described by its size, and by the largest measure where one is marked", () => {
  const describe = (model) => describeModel({ model, panel: 0, rows: model.panels[0] });
  assert.equal(describe(modelOf()), "Attention weights of one: 2 layers with 2 heads each.");
  assert.match(describe(modelOf({ measure: "entropy" })), /largest entropy \(nats\), 3, has layer 2, head 1/);
});
