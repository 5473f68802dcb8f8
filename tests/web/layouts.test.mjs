import assert from "node:assert/strict";
import { test } from "node:test";

import { arcLayout, curveOf, hitWord, reachOf, ringLayout } from "../../amplify_viz/ui/web/graph_layout.js";
import { headLayout, headOffsets, hitRow, startsSentence } from "../../amplify_viz/ui/web/head_layout.js";
import { hitToken, neuronLayout } from "../../amplify_viz/ui/web/neuron_layout.js";
import { columnsFor } from "../../amplify_viz/ui/web/panels.js";
import { sharpness } from "../../amplify_viz/ui/web/canvas.js";
import { beside } from "../../amplify_viz/ui/web/tooltip.js";

const widest = (size) => 5 * size;
const COUNTS = [1, 10, 30, 60, 128];
const segmentsOf = (count) => Array.from({ length: count }, (_, i) => (i === 0 ? null : i < count / 2 ? 0 : 1));
const heads = (count, width = 400, side = null) =>
  headLayout({ segments: segmentsOf(count) }, { width, side, count: 12, widest });
const ring = (count) =>
  Array.from({ length: count }, (_, i) => [Math.sin((2 * Math.PI * i) / count), Math.cos((2 * Math.PI * i) / count)]);

test("each head view row is hit at both of its labels and nowhere between", () => {
  for (const count of COUNTS) {
    const layout = heads(count);
    layout.middles.forEach((y, index) => {
      assert.deepEqual(hitRow(layout, layout.left - 10, y), { side: "from", index });
      assert.deepEqual(hitRow(layout, layout.right + 10, y), { side: "to", index });
      assert.equal(hitRow(layout, 200, y), null);
    });
  }
});

test("sixty rows fit without scrolling, more of them scroll, and text never shrinks below ten pixels", () => {
  assert.ok(heads(60).height <= 744);
  assert.ok(heads(128).height > 744);
  for (const count of COUNTS) assert.ok(heads(count).text >= 10 && heads(count).row >= heads(count).text);
});

test("lines have room beside labels and cells however narrow the panel", () => {
  for (const width of [264, 330, 700]) {
    for (const side of [null, "from", "to"]) {
      const { left, right } = heads(30, width, side);
      assert.ok(right - left >= width * 0.2, `${width} ${side}: ${left} ${right}`);
    }
  }
});

test("the cells of a pinned row stand beside the other column, and the mean only where there is room", () => {
  const [from, to] = [heads(10, 500, "from"), heads(10, 500, "to")];
  assert.ok(from.cells.x >= from.right + from.room && from.cells.x + 12 * from.cells.width <= from.cells.mean);
  assert.ok(to.cells.x + 12 * to.cells.width <= to.left - to.room && to.cells.mean <= to.cells.x);
  assert.equal(heads(10, 300, "from").cells.mean, null);
  assert.equal(heads(10, 500).cells, null);
});

test("heads of one pair lie side by side within the row", () => {
  const offsets = headOffsets(12, 20);
  assert.ok(Math.max(...offsets.map(Math.abs)) < 10);
  assert.ok(Math.abs(offsets.reduce((sum, offset) => sum + offset, 0)) < 1e-9);
  assert.equal(new Set(offsets).size, 12);
});

test("a sentence starts where the number changes, special tokens aside", () => {
  assert.deepEqual([null, 0, 0, null, 1, 1, null].map((_, i, all) => startsSentence(all, i)),
    [false, false, false, false, true, false, false]); // prettier-ignore
});

test("the columns of a neuron view fill the width without overlapping", () => {
  for (const width of [264, 330, 700, 1400]) {
    for (const size of [8, 32, 64, 128]) {
      const layout = neuronLayout({ segments: segmentsOf(20) }, { width, size, widest });
      const columns = [layout.label, layout.keys, layout.products, layout.score, layout.bar, layout.number];
      columns.slice(1).forEach(({ x }, i) => assert.ok(x >= columns[i].x + columns[i].width - 1e-9));
      assert.ok(columns.at(-1).x + columns.at(-1).width <= width + 1e-9);
      assert.equal(layout.keys.width, layout.products.width);
      assert.ok(layout.keys.width > 20, `${width}, ${size}: ${layout.keys.width}`);
    }
  }
});

test("each row of a neuron view is hit across its whole width", () => {
  const layout = neuronLayout({ segments: segmentsOf(20) }, { width: 400, size: 32, widest });
  layout.middles.forEach((y, index) => assert.deepEqual(hitToken(layout, 399, y), { side: "from", index }));
  assert.equal(hitToken(layout, 10, layout.height + 5), null);
});

test("each word of an arc graph is hit in its box, and a missing word leaves a gap", () => {
  const places = [0, 1, 3].map((row) => [0, -row]);
  const layout = arcLayout({ segments: [0, 0, 0], places }, { width: 300, widest });
  layout.middles.forEach((y, index) => assert.deepEqual(hitWord(layout, 150, y), { side: "from", index }));
  assert.equal(hitWord(layout, 5, layout.middles[0]), null);
  const [first, second, fourth] = layout.middles;
  assert.ok(Math.abs(fourth - second - 2 * (second - first)) < 1e-9);
});

test("longer arcs reach further out, later words on the right", () => {
  const layout = { left: 100, longest: 400 };
  assert.ok(reachOf(400, layout) > reachOf(100, layout));
  assert.equal(reachOf(-100, layout), -reachOf(100, layout));
  assert.ok(reachOf(400, layout) <= layout.left);
});

test("labels on a ring do not touch, and each word is hit at its dot and its label", () => {
  for (const count of [3, 20, 50, 120]) {
    const layout = ringLayout({ places: ring(count) }, { width: 330, widest });
    const rim = layout.radius + layout.dot + layout.gap;
    assert.ok((2 * Math.PI * rim) / count >= Math.min(layout.text, 40));
    layout.dots.forEach(({ x, y, across, up }, index) => {
      assert.deepEqual(hitWord(layout, x, y), { side: "from", index });
      const out = layout.dot + layout.gap + 20;
      assert.deepEqual(hitWord(layout, x + out * across, y - out * up), { side: "from", index });
    });
  }
});

test("a ring with its labels stays inside its panel", () => {
  for (const width of [264, 330, 700]) {
    const layout = ringLayout({ places: ring(40) }, { width, widest });
    assert.ok(layout.width >= 2 * (layout.radius + layout.dot + layout.gap + layout.room) - 1e-9);
    assert.ok(layout.width >= width);
  }
});

test("there and back are two curves that end at the dots' rims", () => {
  const layout = ringLayout({ places: ring(8) }, { width: 500, widest });
  const [a, b] = layout.dots;
  const [there, back] = [curveOf(a, b, layout), curveOf(b, a, layout)];
  assert.ok(Math.hypot(there[1].x - back[1].x, there[1].y - back[1].y) > 1);
  assert.ok(Math.abs(Math.hypot(there[2].x - b.x, there[2].y - b.y) - layout.dot - 1) < 1e-9);
});

test("panels stand in even rows as wide as they need", () => {
  assert.deepEqual([1440, 1000, 600, 390].map((width) => columnsFor(4, width)), [4, 2, 2, 1]);
  assert.deepEqual([1440, 600, 390].map((width) => columnsFor(3, width)), [3, 2, 1]);
  assert.equal(columnsFor(1, 200), 1);
  assert.equal(columnsFor(0, 800), 1);
});

test("a canvas is as sharp as the screen until it would be too large for the browser", () => {
  assert.equal(sharpness(600, 400, 2), 2);
  const ratio = sharpness(600, 9000, 3);
  assert.ok(ratio < 3 && 600 * 9000 * ratio ** 2 <= 16_000_001 && 9000 * ratio <= 16_000);
});

test("a tooltip stays in the window", () => {
  for (let at = 0; at <= 400; at += 10) {
    const left = beside(at, 180, 400);
    assert.ok(left >= 8 && left + 180 <= 392);
  }
});
