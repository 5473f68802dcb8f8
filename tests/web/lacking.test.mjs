import assert from "node:assert/strict";
import { test } from "node:test";

import { differenceControl, headControl, layerControl } from "../../amplify_viz/ui/web/controls.js";
import { readGraph } from "../../amplify_viz/ui/web/graph_model.js";
import { describeGraph, graphNote } from "../../amplify_viz/ui/web/graph_text.js";
import { drawnOf, readHeads } from "../../amplify_viz/ui/web/head_model.js";
import { headTip } from "../../amplify_viz/ui/web/head_text.js";
import { headsLacked, lackOfHead, lackOfHeads, lackOfLayer, parted } from "../../amplify_viz/ui/web/lacking.js";
import { choose } from "../../amplify_viz/ui/web/selection.js";

const panel = (title, n_layers, n_heads) => ({ id: title, title, n_layers, n_heads, tokens: "t", prediction: null });
const [WIDE, DEEP, TWIN] = [panel("wide", 6, 3), panel("deep", 12, 1), panel("twin", 6, 3)];
const meta = (...panels) => ({ text: "x", words: ["a", "b"], n_texts: 1, panels, base: null, colours: { heads: ["#112233"] } });
const LOOK = { layer: 3, heads: null, head: null, focus: [], difference: null };
const LINES = { ...LOOK, between: "all", least: 0, top: null, combine: "each", form: "auto" };

test("controls go up to the largest shape", () => {
  const told = { meta: meta(WIDE, DEEP), look: LOOK };
  const [layer] = layerControl(told);
  assert.deepEqual([layer.high, layer.write(8)], [11, "9 of 12"]);
  assert.equal(headControl(told, { mean: false })[0].options.length, 3);
});

test("where no two panels can be compared the control of differences says why", () => {
  const [control] = differenceControl({ meta: meta(WIDE, DEEP), look: LOOK });
  assert.equal(control.disabled, true);
  assert.match(control.options[0][1], /differ/);
  assert.match(control.help, /6 × 3, 12 × 1/);
  assert.deepEqual(differenceControl({ meta: meta(WIDE), look: LOOK }), []);
  assert.notEqual(differenceControl({ meta: meta(WIDE, DEEP, TWIN), look: LOOK })[0].disabled, true);
});

test("a panel that lacks what is looked at has a reason in its place, and the others are read as if it were not there", () => {
  const look = { ...LOOK, layer: 3, difference: [1, 2] };
  const view = { signed: true, lack: ({ layer }, { title }) => (title === "deep" ? `no ${layer}` : null) };
  const { told, lacking } = parted(look, meta(DEEP, WIDE, TWIN), view);
  assert.deepEqual(lacking, [{ place: 0, title: "deep", reason: "no 3" }]);
  assert.deepEqual(told.meta.panels, [WIDE, TWIN]);
  assert.deepEqual(told.look.difference, [0, 1]);
  assert.deepEqual(told.subjects.map(({ title }) => title), ["wide", "twin", "twin − wide"]);
  const none = parted({ ...look, layer: 9 }, meta(DEEP, WIDE, TWIN), { signed: true, lack: lackOfLayer });
  assert.deepEqual(none.told.look.difference, null);
  assert.deepEqual(none.lacking.map(({ place }) => place), [1, 2, 3]);
});

test("reasons name what there is not and how many there are", () => {
  assert.equal(lackOfLayer({ layer: 8 }, WIDE), "No layer 9: this checkpoint has 6.");
  assert.equal(lackOfLayer({ layer: 5 }, WIDE), null);
  assert.equal(lackOfHead(2, DEEP), "No head 3: this checkpoint has 1.");
  assert.equal(lackOfHeads({ heads: [2] }, DEEP), "No head 3: this checkpoint has 1.");
  assert.equal(lackOfHeads({ heads: [1, 2] }, DEEP), "None of the heads chosen: this checkpoint has 1.");
  for (const heads of [null, [], [0, 2]]) assert.equal(lackOfHeads({ heads }, DEEP), null);
  assert.deepEqual(headsLacked({ heads: [0, 1, 2] }, [WIDE, DEEP]), ["deep has 1 head, and no head 2–3."]);
});

// Two rows; the wide model's heads look from the first row to itself with 0.9, 0.6 and 0.3, the deep model's one with 0.5.
const matrix = (weight) => [weight, 1 - weight, 0.5, 0.5];
const ROWS = { labels: ["a", "b"], words: [0, 1], segments: [0, 0] };
const payload = (...weights) => ({
  meta: { ...ROWS, most: weights.map((weight) => Math.max(weight, 0.7)) },
  arrays: { weights: { values: Float32Array.from(weights.flatMap(matrix)), shape: [weights.length, 2, 2] } },
});
const PAYLOADS = [payload(0.9, 0.6, 0.3), payload(0.5)];
const told = (look) => ({ meta: meta(WIDE, DEEP), look: { ...LINES, ...look }, subjects: [WIDE, DEEP], payloads: PAYLOADS });
const sceneOf = (model, index, choice = {}) => {
  return { model, panel: index, rows: model.panels[index], choice: { ...choose([]), ...choice }, theme: { background: [255, 255, 255] } };
};

test("each panel draws all of its own heads, beside whatever other", () => {
  const model = readHeads(told({}));
  assert.deepEqual([0, 1].map((index) => drawnOf(sceneOf(model, index)).heads), [[0, 1, 2], [0]]); // prettier-ignore
  const alone = readHeads({ ...told({ combine: "mean" }), meta: meta(WIDE), subjects: [WIDE], payloads: PAYLOADS.slice(0, 1) });
  const beside = readHeads(told({ combine: "mean" }));
  assert.deepEqual(drawnOf(sceneOf(beside, 0)).values, drawnOf(sceneOf(alone, 0)).values);
});

test("heads combined are on one scale with the one head of another panel", () => {
  const model = readHeads(told({ combine: "mean" }));
  const [wide, deep] = [0, 1].map((index) => drawnOf(sceneOf(model, index)));
  assert.deepEqual([wide.name, deep.name, deep.heads], ["mean of 3 heads", null, [0]]);
  assert.equal(wide.scale, deep.scale);
});

test("a head pointed at is drawn where there is one", () => {
  const model = readHeads(told({}));
  assert.deepEqual([0, 1].map((index) => drawnOf(sceneOf(model, index, { preview: 2 })).heads), [[2], []]); // prettier-ignore
  assert.equal(drawnOf(sceneOf(model, 1, { preview: 2 }), { one: true }).values.length, 0);
});

test("a tooltip has a dash for a head that a panel lacks, and each panel's mean over its own heads", () => {
  const { table } = headTip(sceneOf(readHeads(told({})), 0), { side: "from", index: 0, part: 0 });
  assert.deepEqual(table.rows.map(({ cells }) => cells), [["0.600", "0.500"], ["0.900", "0.500"], ["0.600", "–"], ["0.300", "–"]]); // prettier-ignore
});

test("the word graph's mean is over each panel's own heads", () => {
  const model = readGraph(told({ edge: 0, layout: "arc" }));
  assert.ok(Math.abs(model.weights[0].values[0] - 0.6) < 1e-6);
  assert.equal(model.weights[1].values[0], 0.5);
  assert.match(describeGraph(sceneOf(model, 1, choose([0]))), /mean over heads/);
  assert.match(graphNote(readGraph(told({ edge: 0, layout: "arc", heads: [0, 2] })), {}, []), /deep has 1 head, and no head 3/);
});
