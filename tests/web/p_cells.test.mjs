import assert from "node:assert/strict";
import { test } from "node:test";

import { darkness, factsOf, gridOf, linesIn, noteOn, runsAcross, spoken, stepped } from "../../amplify_viz/ui/web/p_cells.js";

const tested = (checkpoint, layer, p, size = 0.1) => ({
  checkpoint, layer, reference: "plain", status: "tested", n: 1024, statistic: 2.5, df: 900.5, p_value: p, p_corrected: p,
  mean_difference: 0.01, mean_absolute_difference: 0.2, standardised_difference: size,
}); // prettier-ignore
const same = { ...tested("a", 0, null, 0), status: "identical", statistic: null, df: null };

test("darkness is the logarithm of p between 1 and the last decade", () => {
  assert.equal(darkness(tested("a", 0, 1), 4), 0);
  assert.ok(Math.abs(darkness(tested("a", 0, 1e-2), 4) - 0.5) < 1e-9);
  assert.equal(darkness(tested("a", 0, 1e-80), 4), 1);
  assert.equal(darkness(tested("a", 0, 0), 4), 1);
});

test("where there was no test a cell has no shade and says why", () => {
  assert.equal(darkness(same, 4), null);
  assert.deepEqual(linesIn(same), ["identical"]);
});

test("a cell says p, below it the signed effect size, and how far apart the elements are", () => {
  assert.deepEqual(linesIn(tested("a", 0, 0.0432, -0.1234)), ["0.043", "−0.123", "|Δ| 0.2"]);
  assert.deepEqual(linesIn(tested("a", 0, 4e-7)), ["4e−7", "+0.100", "|Δ| 0.2"]);
  assert.equal(spoken(tested("a", 0, 0.904)), "p 0.904, standardised difference +0.100, mean absolute difference 0.2");
  assert.equal(spoken(same), "identical");
});

test("the note says what is subtracted from what", () => {
  assert.match(noteOn("plain"), /^Each checkpoint minus plain\./);
});

test("the mean absolute difference stands beside the p-values", () => {
  const labels = factsOf(tested("a", 0, 0.5)).map(([label]) => label);
  assert.deepEqual(labels.slice(1, 4), ["p-value", "p corrected (Holm)", "mean absolute difference"]);
});

test("all facts are there, with a dash for what there is not", () => {
  const facts = Object.fromEntries(factsOf(same));
  assert.equal(facts["p-value"], "–");
  assert.equal(facts["n, each side"], "1,024");
});

test("every test stands in the row of its checkpoint and the column of its layer", () => {
  const rows = [tested("b", 1, 0.5), tested("b", 0, 0.4), tested("a", 1, 0.3)];
  const { checkpoints, layers, tests } = gridOf(rows);
  assert.deepEqual([checkpoints, layers], [["b", "a"], [0, 1]]);
  assert.deepEqual(tests, [[rows[1], rows[0]], [null, rows[2]]]);
});

test("layers run across where they fit", () => {
  const grid = { layers: Array.from({ length: 12 }, (_, i) => i) };
  assert.deepEqual([1000, 390].map((width) => runsAcross(grid, width)), [true, false]);
});

test("arrow keys stay inside the table", () => {
  const size = { rows: 2, columns: 3 };
  assert.deepEqual(stepped({ row: 0, column: 2 }, "ArrowRight", size), { row: 0, column: 2 });
  assert.deepEqual(stepped({ row: 0, column: 2 }, "ArrowDown", size), { row: 1, column: 2 });
  assert.equal(stepped({ row: 0, column: 2 }, "Tab", size), null);
});
