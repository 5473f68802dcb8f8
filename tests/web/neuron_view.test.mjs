import assert from "node:assert/strict";
import { test } from "node:test";

import { hitToken, neuronLayout, spotOf, walkTokens } from "../../amplify_viz/ui/web/neuron_layout.js";
import { maskedKeys, orderOf, products, scoresOf } from "../../amplify_viz/ui/web/neuron_math.js";
import { commonScoreName, shade } from "../../amplify_viz/ui/web/neuron_paint.js";
import { neuronNote, neuronTable, neuronTip } from "../../amplify_viz/ui/web/neuron_text.js";
import { choose } from "../../amplify_viz/ui/web/selection.js";

const widest = (size) => 5 * size;
const segmentsOf = (count) => Array.from({ length: count }, (_, i) => (i === 0 ? null : i < count / 2 ? 0 : 1));
const rowsOf = (count) => Array.from({ length: count }, (_, i) => i);
const layoutOf = (count, { width = 400, size = 32, order = rowsOf(count) } = {}) =>
  neuronLayout({ segments: segmentsOf(count) }, { width, size, order, widest });

/** A causal head of three tokens with vectors of two elements, whose weights are softmax(scaling · q · k). */
function headOf({ causal = false, bias = null } = {}) {
  const queries = Float32Array.of(1, 2, -0.5, 0.25, 3, -1);
  const keys = Float32Array.of(0.5, -1, 2, 1, -3, 0.75);
  const head = { count: 3, size: 2, scaling: 0.5, queries, keys, bias };
  head.masked = causal ? Uint8Array.of(0, 1, 1, 0, 0, 1, 0, 0, 0) : null;
  head.weights = new Float32Array(9);
  for (let query = 0; query < 3; query += 1) {
    const exps = [...scoresOf(head, query)].map((score, key) => {
      const at = 3 * query + key;
      return head.masked?.[at] ? 0 : Math.exp(score + (bias?.[at] ?? 0));
    });
    const sum = exps.reduce((total, value) => total + value, 0);
    head.weights.set(exps.map((value) => value / sum), 3 * query); // prettier-ignore
  }
  return head;
}

// Arithmetic

test("products are those of one query with every key, element by element", () => {
  const [queries, keys] = [Float32Array.of(1, 2, 3, 4), Float32Array.of(5, 6, 7, 8)];
  assert.deepEqual(products({ queries, keys, size: 2 }, 1), Float32Array.of(15, 24, 21, 32));
});

test("a score is the sum of its products, scaled", () => {
  const head = headOf();
  for (let query = 0; query < head.count; query += 1) {
    const multiplied = products(head, query);
    scoresOf(head, query).forEach((score, key) => {
      assert.ok(Math.abs(score - head.scaling * (multiplied[2 * key] + multiplied[2 * key + 1])) < 1e-6);
    });
  }
  assert.deepEqual([...scoresOf(head, 0)], [0.5 * (0.5 - 2), 0.5 * (2 + 2), 0.5 * (-3 + 1.5)]);
});

test("keys come as in the text or the strongest first, and only the strongest where so few are asked for", () => {
  const head = headOf();
  assert.deepEqual(orderOf(head, 0, { order: "text", top: null }), [0, 1, 2]);
  assert.deepEqual(orderOf(head, 1, { order: "weight", top: null }), [2, 0, 1]);
  assert.deepEqual(orderOf(head, 1, { order: "weight", top: 2 }), [2, 0]);
  assert.deepEqual(orderOf(head, 1, { order: "text", top: 2 }), [0, 2]);
  assert.deepEqual(orderOf(head, 1, { order: "weight", top: 20 }), [2, 0, 1]);
});

test("keys that may not be looked at come last", () => {
  assert.deepEqual(orderOf(headOf({ causal: true }), 1, { order: "weight", top: null }), [0, 1, 2]);
  assert.deepEqual([0, 1, 2].map((query) => maskedKeys(headOf({ causal: true }), query)), [2, 1, 0]);
  assert.equal(maskedKeys(headOf(), 0), 0);
});

test("blue is above zero, orange below, and nothing beyond the limit is deeper than full", () => {
  const theme = { positive: [0, 0, 255], negative: [255, 128, 0], background: [255, 255, 255] };
  assert.deepEqual([2, 9].map((value) => shade(value, 2, theme)), [theme.positive, theme.positive]);
  assert.deepEqual(shade(-2, 2, theme), theme.negative);
  assert.deepEqual([shade(0, 2, theme), shade(0, 0, theme)], [theme.background, theme.background]);
  assert.deepEqual(shade(1, 2, theme), [127.5, 127.5, 255]);
});

// Words

function sceneOf({ panels = 1, look = {}, ...head } = {}) {
  const rows = { labels: ["[CLS]", "hop", "##ped"], words: [null, 0, 0], segments: [null, 0, 0], by_root: true };
  const model = {
    look: { layer: 0, head: 1, order: "text", top: null, difference: null, ...look },
    panels: Array.from({ length: panels }, (_, i) => ({ ...rows, title: `model ${i + 1}` })),
    heads: Array.from({ length: panels }, () => headOf(head)),
  };
  const layout = layoutOf(3, { size: 2 });
  return { model, panel: 0, rows: model.panels[0], layout, choice: choose([0]) };
}

test("a tooltip has the element that is pointed at, in every panel, beside score and weight", () => {
  const tip = neuronTip(sceneOf({ panels: 2 }), { side: "from", index: 2, part: 1 });
  assert.equal(tip.heading, "hop → ##ped");
  assert.match(tip.detail, /piece 2 of 2, dimension 2/);
  assert.deepEqual(tip.table.rows.map(({ heading, cells }) => [heading.label, ...cells]), [
    ["q", "0.25", "0.25"], ["k", "0.75", "0.75"], ["q × k", "0.1875", "0.1875"],
    ["q·k/√d", "0.8438", "0.8438"], ["softmax", "0.613", "0.613"],
  ]); // prettier-ignore
});

test("a tooltip of a whole row has score and weight alone, and names what is masked", () => {
  const { table } = neuronTip(sceneOf({ causal: true }), { side: "from", index: 2 });
  assert.deepEqual(table.rows.map(({ cells }) => cells[0]), ["masked", "0"]);
});

test("what a model adds to its scores has a line of its own", () => {
  const scene = sceneOf({ bias: Float32Array.of(0, -0.25, -0.5, -0.25, 0, -0.25, -0.5, -0.25, 0) });
  const lines = neuronTip(scene, { side: "from", index: 2 }).table.rows;
  assert.deepEqual(lines.map(({ heading }) => heading.label), ["q·k/√d", "+ position", "softmax"]);
  assert.equal(lines[1].cells[0], "−0.25");
  assert.match(neuronNote(scene.model, scene.choice), /adds a number for the distance/);
});

test("the table has the keys that are shown, in their order", () => {
  const scene = sceneOf();
  scene.layout = layoutOf(3, { size: 2, order: [2, 1] });
  const { rows, caption } = neuronTable(scene);
  assert.deepEqual(rows.map(({ heading }) => heading.label), ["##ped", "hop"]);
  assert.match(caption, /^From hop, layer 1, head 2/);
});

test("the note says what is masked, what is left out, and why there is no difference", () => {
  const of = (options) => {
    const { model, choice } = sceneOf(options);
    return neuronNote(model, choice);
  };
  assert.match(of({ causal: true }), /1 key is masked/);
  assert.doesNotMatch(of({}), /masked|strongest|difference/);
  assert.match(of({ look: { top: 1 } }), /Shown: the 1 strongest of 3 keys, with 61\.3 % of the attention/);
  assert.match(of({ look: { difference: [0, 1] } }), /the difference that is chosen elsewhere has no panel here/);
});

// Layout

test("the columns of a neuron view fill the width without overlapping", () => {
  for (const width of [264, 330, 700, 1400]) {
    for (const size of [8, 32, 64, 128]) {
      const layout = layoutOf(20, { width, size });
      const columns = [layout.label, layout.keys, layout.products, layout.score, layout.bar, layout.number];
      columns.slice(1).forEach(({ x }, i) => assert.ok(x >= columns[i].x + columns[i].width - 1e-9));
      assert.ok(columns.at(-1).x + columns.at(-1).width <= width + 1e-9);
      assert.equal(layout.keys.width, layout.products.width);
      assert.ok(layout.keys.width > 20, `${width}, ${size}: ${layout.keys.width}`);
    }
  }
});

test("each row is hit across its whole width, and each element in both strips", () => {
  const layout = layoutOf(20, { order: [5, 3, 9] });
  layout.middles.forEach((y, slot) => {
    assert.deepEqual(hitToken(layout, 399, y), { side: "from", index: layout.order[slot], part: undefined });
    for (const strip of [layout.keys, layout.products]) {
      for (const part of [0, 17, 31]) {
        const x = strip.x + ((part + 0.5) / 32) * strip.width;
        assert.deepEqual(hitToken(layout, x, y), { side: "from", index: layout.order[slot], part });
      }
    }
  });
  assert.equal(hitToken(layout, 10, layout.height + 5), null);
});

test("sentences stand apart as long as keys stand in the order of the text", () => {
  assert.deepEqual(layoutOf(6).breaks, [false, false, false, true, false, false]);
  assert.deepEqual(layoutOf(6, { order: [1, 5] }).breaks, [false, true]);
  assert.deepEqual(layoutOf(6, { order: [5, 1] }).breaks, [false, false]);
});

test("arrow keys walk through the rows as they are shown and through the elements of a row", () => {
  const layout = layoutOf(20, { order: [5, 3, 9] });
  const at = (index, part) => ({ side: "from", index, part });
  assert.deepEqual(walkTokens(layout, null, "ArrowDown"), at(5));
  assert.deepEqual(walkTokens(layout, at(5), "ArrowDown"), at(3));
  assert.deepEqual(walkTokens(layout, at(3, 7), "End"), at(9, 7));
  assert.deepEqual(walkTokens(layout, at(3), "ArrowRight"), at(3, 0));
  assert.deepEqual(walkTokens(layout, at(3, 31), "ArrowRight"), at(3, 31));
  assert.deepEqual(walkTokens(layout, at(3, 1), "ArrowLeft"), at(3, 0));
  assert.deepEqual(walkTokens(layout, at(3, 0), "ArrowLeft"), at(3));
  assert.deepEqual(walkTokens(layout, at(7), "ArrowUp"), at(5)); // a row that is no longer shown
  assert.equal(walkTokens(layout, at(3), "x"), null);
  assert.equal(walkTokens(layoutOf(0), null, "ArrowDown"), null);
});

test("a spot is in the middle of its row", () => {
  const layout = layoutOf(20, { order: [5, 3, 9] });
  assert.equal(spotOf(layout, { index: 3 }).y, layout.middles[1]);
  const { x } = spotOf(layout, { index: 3, part: 16 });
  assert.ok(Math.abs(x - (layout.keys.x + (16.5 / 32) * layout.keys.width)) < 1e-9);
});

test("the legend calls the scores what their column calls them, and panels that differ by a plain word", () => {
  const [root, other] = [{ by_root: true }, { by_root: false }];
  assert.equal(commonScoreName([root, root]), "q·k/√d");
  assert.equal(commonScoreName([other]), "scaled q·k");
  assert.equal(commonScoreName([root, other]), "score");
});
