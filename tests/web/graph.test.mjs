import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { arcLayout, curveOf, hitWord, placesOf, reachOf, ringLayout } from "../../amplify_viz/ui/web/graph_layout.js";
import { aligned, betweenWords, compare, kindOf, largerOf, linesOf, matrixOf } from "../../amplify_viz/ui/web/graph_lines.js";
import { byAttention, focusRow, nodeScales, readGraph } from "../../amplify_viz/ui/web/graph_model.js";
import { differenceColour } from "../../amplify_viz/ui/web/graph_paint.js";
import { DASHES, kindColour } from "../../amplify_viz/ui/web/graph_strokes.js";
import { describeGraph, graphNote, graphTable, graphTip } from "../../amplify_viz/ui/web/graph_text.js";
import { choose } from "../../amplify_viz/ui/web/selection.js";
import { nearest } from "../../amplify_viz/ui/web/toolbar.js";

// Places that Python's graph.layout makes; tests/test_graph.py checks that it still does.
const CASES = JSON.parse(readFileSync(new URL("layouts.json", import.meta.url), "utf8"));
const widest = (size) => 5 * size;

const ring = (count) => {
  const words = Array.from({ length: count }, (_, i) => i);
  const angles = words.map((i) => (2 * Math.PI * i) / count);
  return { words, places: angles.map((angle) => [Math.sin(angle), Math.cos(angle)]) };
};
const ringOf = (count, width = 330) => ringLayout(ring(count), { width, widest, order: ring(count).words });

test("words stand where Python's graph has them", () => {
  for (const { kind, focus, words, segments, places } of CASES) {
    const order = words.map((_, i) => i).sort((a, b) => words[a] - words[b]);
    const rows = { words: order.map((i) => words[i]), segments: order.map((i) => segments[i]) };
    const found = placesOf(rows, focus, kind);
    assert.equal(found.size, words.length);
    words.forEach((word, i) => {
      found.get(word).forEach((at, axis) => assert.ok(Math.abs(at - places[i][axis]) < 1e-9, `${kind} ${word}`));
    });
  }
});

test("a word that no panel has leaves a gap in the column", () => {
  const places = placesOf({ words: [0, 1, 3], segments: [0, 0, 0] }, 0, "arc");
  assert.deepEqual([...places.values()], [[0, 0], [0, -1], [0, -2.35]]); // prettier-ignore
});

// Relations

const WEIGHTS = { values: Float32Array.of(0.5, 0.25, 0.125, 0.125, 0.5, 0.25, 0, 1, 0, 1, 0, 0, 0, 0.5, 0.5, 0, 0, 1), shape: [2, 3, 3] }; // prettier-ignore

test("weights are those of a head, or the mean over the chosen ones, between the rows that are kept", () => {
  assert.deepEqual(matrixOf(WEIGHTS, [1], [0, 1, 2]), { values: WEIGHTS.values.slice(9), size: 3 });
  assert.deepEqual(matrixOf(WEIGHTS, [0, 1], [0, 2]).values, Float32Array.of(0.75, 0.0625, 0, 0.5));
  assert.deepEqual(matrixOf(WEIGHTS, [], [0, 1]).values, new Float32Array(4));
});

test("lines are pairs of different words, at least as strong as the floor", () => {
  const matrix = { values: Float32Array.of(0.9, 0.3, 0.1, 0.2, 0.5, 0.4, 0.05, 0.6, 0.7), size: 3 };
  assert.deepEqual(linesOf(matrix, 0.25).map(({ from, to }) => [from, to]), [[0, 1], [1, 2], [2, 1]]); // prettier-ignore
  assert.equal(linesOf(matrix, 0).length, 6);
  assert.deepEqual([...betweenWords(matrix).values].filter((weight) => weight === 0).length, 3);
});

test("a relation is shared, of one record alone, or none", () => {
  assert.deepEqual([[0.2, 0.3], [0.2, 0.1], [0.1, 0.2], [0.1, 0.1]].map(([a, b]) => kindOf(a, b, 0.2)),
    ["shared", "a", "b", null]); // prettier-ignore
  assert.equal(kindOf(0, 0, 0), "shared");
});

test("two records are compared between the words that both have", () => {
  const a = { words: [0, 1, 2], matrix: { values: Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9), size: 3 } };
  const b = { words: [0, 2], matrix: { values: Float32Array.of(10, 20, 30, 40), size: 2 } };
  const [one, other] = aligned([a, b], [0, 2]);
  assert.deepEqual([one.values, other.values], [Float32Array.of(1, 3, 7, 9), b.matrix.values]);
  assert.deepEqual(largerOf([one, other]).values, Float32Array.of(10, 20, 30, 40));
});

// The same numbers as in tests/test_graph.py.
const A = Float32Array.of(0.5, 0.3, 0, 0.1, 0.1, 0.6, 0.2, 0.05, 0.4);
const B = Float32Array.of(0.2, 0.4, 0.2, 0.1, 0.1, 0.7, 0.05, 0.3, 0.1);

test("a comparison has each relation once, as strong as its larger weight, and counts what it does not draw", () => {
  const pair = [{ values: A, size: 3 }, { values: B, size: 3 }]; // prettier-ignore
  const { lines, counts } = compare(pair, { threshold: 0.19, floor: 0.19 });
  assert.deepEqual(lines.map(({ from, to, kind }) => [from, to, kind]),
    [[0, 1, "shared"], [0, 2, "b"], [1, 2, "shared"], [2, 0, "a"], [2, 1, "b"]]); // prettier-ignore
  assert.deepEqual(counts, { shared: 2, a: 1, b: 2 });
  assert.deepEqual(lines.map(({ weight }) => weight), [0.4, 0.2, 0.7, 0.2, 0.3].map(Math.fround));
  const fewer = compare(pair, { threshold: 0.19, floor: 0.35 });
  assert.deepEqual([fewer.lines.length, fewer.counts], [2, counts]);
});

// The model

const META = { panels: [{ n_layers: 1, n_heads: 1, tokens: "x" }, { n_layers: 1, n_heads: 1, tokens: "y" }] }; // prettier-ignore
const LOOK = { layer: 0, head: null, heads: null, focus: [1], layout: "arc", edge: 0.19, difference: null };
const payload = (values, size, words) => ({
  meta: { labels: words.map((word) => `w${word}`), words, segments: words.map(() => 0) },
  arrays: { weights: { values, shape: [1, size, size] } },
});
const SUBJECTS = ["A", "B"].map((title) => ({ title, n_heads: 1 }));
const PAYLOADS = [payload(A, 3, [0, 1, 2]), payload(B, 3, [0, 1, 2])];

function compared(look = {}) {
  const difference = payload(A.map((weight, i) => B[i] - weight), 3, [0, 1, 2]);
  const subjects = [...SUBJECTS, { title: "B − A", signed: true, n_heads: 1 }];
  const told = { meta: META, look: { ...LOOK, difference: [0, 1], ...look }, subjects };
  return readGraph({ ...told, payloads: [...PAYLOADS, difference] });
}

test("all panels have the same places, and one scale and floor for their lines", () => {
  const gap = payload(Float32Array.of(0.5, 0.25, 0.25, 0.5), 2, [0, 2]);
  const model = readGraph({ meta: META, look: LOOK, subjects: SUBJECTS, payloads: [PAYLOADS[0], gap] });
  assert.deepEqual(model.panels[1].places, [model.panels[0].places[0], model.panels[0].places[2]]);
  assert.equal(model.scale, Math.fround(0.6)); // what a word pays itself is no line
  assert.equal(model.floor, 0.19);
});

test("rows that are no word are left out", () => {
  const space = payload(A, 3, [0, null, 1]);
  const model = readGraph({ meta: META, look: LOOK, subjects: SUBJECTS.slice(0, 1), payloads: [space] });
  assert.deepEqual(model.panels[0].labels, ["w0", "w1"]);
  assert.deepEqual(model.weights[0].values, Float32Array.of(A[0], A[2], A[6], A[8]));
});

test("more lines than can be seen are not drawn, the comparison's included", () => {
  const size = 120;
  const [one, other] = [0, 1].map((seed) => Float32Array.from({ length: size * size }, (_, i) => ((i * 7919 + seed * 31) % 997) / 1000));
  const words = Array.from({ length: size }, (_, i) => i);
  const payloads = [payload(one, size, words), payload(other, size, words), payload(one.map((x, i) => other[i] - x), size, words)];
  const subjects = [...SUBJECTS, { title: "B − A", signed: true }];
  const model = readGraph({ meta: META, look: { ...LOOK, edge: 0, difference: [0, 1] }, subjects, payloads });
  for (const lines of model.lines) assert.ok(lines.length > 300 && lines.length <= 800, String(lines.length));
  assert.match(graphNote(model, null, []), /Lines below 0\.\d+ are left out/);
});

test("depth is relative to what the focus word looks at most in any panel", () => {
  const choice = choose([1]);
  const { weight, difference } = nodeScales(compared(), choice);
  assert.ok(Math.abs(weight - 0.7) < 1e-6 && Math.abs(difference - 0.1) < 1e-6);
  assert.deepEqual(byAttention(compared(), choice), [1, 2, 0]);
});

test("models that hardly differ have no full colours in their difference", () => {
  const zero = payload(new Float32Array(9).fill(1e-8), 3, [0, 1, 2]);
  const subjects = [...SUBJECTS, { title: "B − A", signed: true }];
  const look = { ...LOOK, difference: [0, 1] };
  const model = readGraph({ meta: META, look, subjects, payloads: [PAYLOADS[0], PAYLOADS[0], zero] });
  assert.equal(nodeScales(model, choose([1])).difference, 0.001);
});

test("only the word pinned last is in focus", () => {
  const [rows] = compared().panels;
  assert.equal(focusRow({ rows, choice: choose([0, 2]) }), 2);
  assert.equal(focusRow({ rows, choice: choose([7]) }), null);
});

// Words

const scene = (model, panel, focus = 1) => ({ model, panel, rows: model.panels[panel], choice: choose([focus]) });

test("the comparison's table has both weights, their difference, and what the line is", () => {
  const { columns, rows } = graphTable(scene(compared(), 2));
  assert.deepEqual(columns.map(({ label }) => label), ["A", "B", "difference", "line"]);
  assert.deepEqual(rows.map(({ cells }) => cells), [
    ["0.100", "0.100", "0", "none"], ["0.100", "0.100", "0", "none"], ["0.600", "0.700", "+0.100", "shared"],
  ]); // prettier-ignore
  assert.equal(graphTable(scene(compared(), 2, 0)).rows[2].cells[3], "only B");
});

test("a tooltip has the weights of all panels, and differences with their sign", () => {
  const { table } = graphTip(scene(compared(), 0), { index: 2, side: "from" });
  assert.deepEqual(table.rows.map(({ cells }) => cells), [["0.600", "0.700", "+0.100"], ["0.0500", "0.300", "+0.250"]]); // prettier-ignore
});

test("the picture is told in a sentence, the comparison by its counts", () => {
  assert.equal(describeGraph(scene(compared(), 0)), "Word graph of A, layer 1, mean over heads: w1 looks most at w2, w0, w1.");
  assert.match(describeGraph(scene(compared(), 2)), /2 shared, 1 only A, 2 only B/);
});

test("the note says which words are compared where the models read other tokens", () => {
  assert.match(graphNote(compared(), null, []), /words are compared/);
  assert.doesNotMatch(graphNote(readGraph({ meta: META, look: LOOK, subjects: SUBJECTS, payloads: PAYLOADS }), null, []), /compar/);
  assert.match(graphNote(compared({ heads: [] }), null, []), /No head is chosen/);
});

test("the kinds of lines differ in more than their colour", () => {
  assert.equal(new Set(Object.values(DASHES).map(String)).size, 3);
  const theme = { background: [255, 255, 255], text: [0, 0, 0], positive: [0, 0, 255], negative: [255, 128, 0] };
  assert.equal(new Set(["shared", "a", "b"].map((kind) => String(kindColour(kind, theme)))).size, 3);
  assert.deepEqual([-1, 0, 1].map((share) => differenceColour(share, theme)), [theme.negative, theme.background, theme.positive]);
});

test("a slider of stops stands at the one that is nearest to its value", () => {
  assert.deepEqual([0, 0.004, 0.03, 0.9].map((value) => nearest([0, 0.01, 0.03, 0.5], value)), [0, 0, 2, 3]);
});

// Layouts

test("each word of an arc graph is hit in its box, and a missing word leaves a gap", () => {
  const places = [0, 1, 3].map((row) => [0, -row]);
  const layout = arcLayout({ places }, { width: 300, widest });
  layout.middles.forEach((y, index) => assert.deepEqual(hitWord(layout, 150, y), { side: "from", index }));
  assert.equal(hitWord(layout, 5, layout.middles[0]), null);
  const [first, second, fourth] = layout.middles;
  assert.ok(Math.abs(fourth - second - 2 * (second - first)) < 1e-9);
});

test("five hundred words keep their size and scroll", () => {
  const layout = arcLayout({ places: Array.from({ length: 500 }, (_, i) => [0, -i]) }, { width: 300, widest });
  assert.ok(layout.text >= 10 && layout.height > 7000);
  assert.ok(layout.right - layout.left < 200);
});

test("longer arcs reach further out, later words on the right", () => {
  const layout = { left: 100, longest: 400 };
  assert.ok(reachOf(400, layout) > reachOf(100, layout));
  assert.equal(reachOf(-100, layout), -reachOf(100, layout));
  assert.ok(reachOf(400, layout) <= layout.left);
});

test("a ring with its labels stays inside its panel, however many words there are", () => {
  for (const width of [264, 330, 700, 1400]) {
    for (const count of [1, 8, 40, 500]) {
      const { radius, dot, gap, room, height, centre } = ringOf(count, width);
      const reach = radius + dot + gap + room;
      assert.ok(centre.x >= reach - 1e-9 && centre.x + reach <= width + 1e-9, `${count} in ${width}`);
      assert.ok(height <= 744, `${count} in ${width}: ${height}`);
    }
  }
});

test("labels on a ring do not touch, those that come first are kept, and each word is hit at its dot", () => {
  for (const count of [3, 20, 50, 120, 500]) {
    const layout = ringOf(count);
    const rim = layout.radius + layout.dot + layout.gap;
    const angles = layout.dots.flatMap(({ across, up }, i) => (layout.labelled[i] ? [Math.atan2(across, up)] : []));
    angles.sort((a, b) => a - b);
    angles.slice(1).forEach((angle, i) => assert.ok((angle - angles[i]) * rim >= layout.text, `${count}`));
    assert.ok(layout.labelled[0]);
    assert.equal(layout.labelled.every(Boolean), count <= 50, `${count}`);
    layout.dots.forEach(({ x, y, across, up }, index) => {
      assert.deepEqual(hitWord(layout, x, y), { side: "from", index });
      const out = layout.dot + layout.gap + 20;
      if (layout.labelled[index] && count <= 50) {
        assert.deepEqual(hitWord(layout, x + out * across, y - out * up), { side: "from", index });
      }
    });
  }
});

test("there and back are two curves that end at the dots' rims", () => {
  const layout = ringOf(8, 500);
  const [a, b] = layout.dots;
  const [there, back] = [curveOf(a, b, layout), curveOf(b, a, layout)];
  assert.ok(Math.hypot(there[1].x - back[1].x, there[1].y - back[1].y) > 1);
  assert.ok(Math.abs(Math.hypot(there[2].x - b.x, there[2].y - b.y) - layout.dot - 1) < 1e-9);
});
