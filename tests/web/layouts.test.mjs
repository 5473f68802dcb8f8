import assert from "node:assert/strict";
import { test } from "node:test";

import { headLayout, headOffsets, hitRow, startsSentence } from "../../amplify_viz/ui/web/head_layout.js";
import { columnsFor } from "../../amplify_viz/ui/web/panels.js";
import { sharpness } from "../../amplify_viz/ui/web/canvas.js";
import { beside } from "../../amplify_viz/ui/web/tooltip.js";

const widest = (size) => 5 * size;
const COUNTS = [1, 10, 30, 60, 128];
const segmentsOf = (count) => Array.from({ length: count }, (_, i) => (i === 0 ? null : i < count / 2 ? 0 : 1));
const heads = (count, width = 400, side = null) =>
  headLayout({ segments: segmentsOf(count) }, { width, side, count: 12, widest });

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
