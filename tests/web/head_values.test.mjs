import assert from "node:assert/strict";
import { test } from "node:test";

import { bucketLines, partners, scopeOf, strongestLines } from "../../amplify_viz/ui/web/head_lines.js";
import { drawnOf, formOf, readHeads } from "../../amplify_viz/ui/web/head_model.js";
import { headTable, leftOut } from "../../amplify_viz/ui/web/head_text.js";
import { combined, filtered, filters, largest } from "../../amplify_viz/ui/web/head_values.js";

const NONE = { segments: [0, 0, 1], between: "all", least: 0, top: null };
// Two heads of three rows; the first two rows are of sentence A, the third of B.
const VALUES = Float32Array.of(0.5, 0.3, 0.2, 0.1, 0.6, 0.3, 0.25, 0.25, 0.5, 0, 1, 0, 0.2, 0.2, 0.6, 0.9, 0.05, 0.05);
const rounded = (values) => Array.from(values, (value) => Number(value.toFixed(4)));

test("without a filter the weights are the same array", () => {
  assert.equal(filters(NONE), false);
  assert.equal(filtered(VALUES, 3, NONE), VALUES);
});

test("a direction keeps the weights from one sentence to the other and leaves the array as it was", () => {
  const before = VALUES.slice();
  const kept = filtered(VALUES, 3, { ...NONE, between: "ab" });
  assert.deepEqual(rounded(kept), [0, 0, 0.2, 0, 0, 0.3, 0, 0, 0, 0, 0, 0, 0, 0, 0.6, 0, 0, 0]);
  assert.deepEqual(VALUES, before);
  const back = filtered(VALUES, 3, { ...NONE, between: "ba" });
  assert.deepEqual(rounded(back.subarray(6, 9)), [0.25, 0.25, 0]);
});

test("special tokens belong to no sentence", () => {
  const kept = filtered(VALUES, 3, { ...NONE, between: "aa", segments: [null, 0, 1] });
  assert.deepEqual(rounded(kept.subarray(0, 6)), [0, 0, 0, 0, 0.6, 0]);
});

test("a threshold keeps what is at least as far from 0", () => {
  const signed = Float32Array.of(-0.4, 0.1, 0.3, 0.2);
  assert.deepEqual(rounded(filtered(signed, 2, { ...NONE, segments: [0, 0], least: 0.2 })), [-0.4, 0, 0.3, 0.2]);
});

test("the strongest of each row and head are kept, all of them where they tie", () => {
  const kept = filtered(VALUES, 3, { ...NONE, top: 1 });
  assert.deepEqual(rounded(kept), [0.5, 0, 0, 0, 0.6, 0, 0, 0, 0.5, 0, 1, 0, 0, 0, 0.6, 0.9, 0, 0]);
  const ties = filtered(Float32Array.of(0.4, 0.4, 0.2, 0.1, 0.1, 0.1, 1, 0, 0), 3, { ...NONE, top: 1 });
  assert.deepEqual(rounded(ties), [0.4, 0.4, 0, 0.1, 0.1, 0.1, 1, 0, 0]);
  assert.deepEqual(filtered(VALUES, 3, { ...NONE, top: 10 }), VALUES);
});

test("heads are combined by their mean, or by the weight furthest from 0", () => {
  assert.deepEqual(rounded(combined(VALUES, 3, { heads: [0, 1], how: "mean" })).slice(0, 3), [0.25, 0.65, 0.1]);
  assert.deepEqual(rounded(combined(VALUES, 3, { heads: [1], how: "mean" })), rounded(VALUES.subarray(9)));
  const signed = Float32Array.of(0.1, -0.5, 0.2, 0.4);
  assert.deepEqual(rounded(combined(signed, 1, { heads: [0, 1, 2], how: "max" })), [-0.5]);
  assert.ok(Math.abs(largest(signed) - 0.5) < 1e-6);
});

test("lines of one sign are drawn by their distance from 0", () => {
  const signed = Float32Array.of(-0.5, 0.25, 0, 0.5);
  const choice = { heads: [0], scope: { mode: "all", from: null, to: null }, scale: 0.5, floor: 0.01 };
  assert.deepEqual([...bucketLines(signed, 2, choice).pairs], [1, 3]);
  assert.deepEqual([...bucketLines(signed, 2, { ...choice, sign: -1 }).pairs], [0]);
  assert.equal(strongestLines(signed, 2, [0])[0].weight, -0.5);
  assert.deepEqual(partners(signed, 2, { heads: [0], side: "from", rows: [0], most: 1 }), [0]);
});

test("lines of all pinned rows are in scope", () => {
  const rows = { words: [null, 0, 1], labels: ["a", "b", "c"], segments: [null, 0, 0] };
  const pin = (word) => ({ side: "from", place: { word, special: null, piece: null, pieces: 0 } });
  assert.deepEqual(scopeOf(rows, { pins: [pin(0), pin(1)], hover: null }).from, [1, 2]);
});

test("lines turn into a matrix above a hundred rows, unless asked otherwise", () => {
  assert.deepEqual([100, 101].map((size) => formOf({ form: "auto" }, size)), ["lines", "matrix"]);
  assert.equal(formOf({ form: "lines" }, 500), "lines");
  assert.equal(formOf({ form: "matrix" }, 2), "matrix");
});

function told(look, signed = false) {
  const panel = { id: "a", title: "a", n_layers: 1, n_heads: 2, signed };
  const meta = { n_texts: 2, panels: [panel], words: ["x"] };
  const rows = { labels: ["a", "b", "c"], words: [0, 1, 2], segments: [0, 0, 1], most: [0.6, 1] };
  const payloads = [{ meta: rows, arrays: { weights: { values: VALUES, shape: [2, 3, 3] } } }];
  const plain = { heads: null, between: "all", least: 0, top: null, combine: "each", form: "auto" };
  return { meta, look: { ...plain, ...look }, subjects: [panel], payloads };
}
const sceneOf = (model, preview = null) => ({ model, panel: 0, rows: model.panels[0], choice: { preview } });

test("heads are drawn by themselves on the scale of the largest weight on show", () => {
  const model = readHeads(told({ heads: [0] }));
  const { heads, scale, name } = drawnOf(sceneOf(model));
  assert.deepEqual([heads, scale, name], [[0], 0.6, null]);
  assert.equal(drawnOf(sceneOf(readHeads(told({})))).scale, 1);
});

test("combined heads are one matrix with a scale of its own, and a head pointed at is shown alone", () => {
  const model = readHeads(told({ combine: "mean" }));
  const { values, heads, scale, name } = drawnOf(sceneOf(model));
  assert.deepEqual([values.length, heads, name], [9, [0], "mean of 2 heads"]);
  assert.ok(Math.abs(scale - 0.65) < 1e-6);
  assert.deepEqual(drawnOf(sceneOf(model, 1)).heads, [1]);
  assert.equal(drawnOf(sceneOf(model, 1), { one: true }).values[1], 1);
});

test("what a weight left out is in a mean is said where a mean over heads is shown", () => {
  const said = ["A weight that is left out counts as 0 in the mean."];
  const of = (look, pins = []) => leftOut(readHeads(told(look)), { pins });
  assert.deepEqual(of({ combine: "mean", least: 0.1 }), said);
  assert.deepEqual(of({ form: "matrix", top: 2 }), said);
  assert.deepEqual(of({ top: 2 }, [{}]), said);
  for (const look of [{ combine: "mean" }, { top: 2 }, { combine: "max", top: 2 }, { combine: "mean", heads: [1], top: 2 }, { combine: "mean", between: "ab" }]) assert.deepEqual(of(look), []); // prettier-ignore
  const pin = { side: "from", place: { word: 0, special: null, piece: null, pieces: 0 } };
  const columnsOf = (look) => headTable({ ...sceneOf(readHeads(told(look))), choice: { preview: null, pin, pins: [pin] } }).columns;
  assert.deepEqual(columnsOf({ combine: "mean", top: 2 }), [{ label: "mean of 2 heads", note: `mean of 2 heads. ${said}` }]);
  assert.deepEqual(columnsOf({ combine: "mean" }), [{ label: "mean of 2 heads" }]);
});

test("a difference has a scale apart from the weights", () => {
  const model = readHeads(told({}, true));
  assert.deepEqual([model.scales.weight.each, model.scales.difference.each], [0, 1]);
});

test("without a head there is a sentence instead of a picture", () => {
  assert.match(readHeads(told({ heads: [] })).message, /No head is chosen/);
});
