import assert from "node:assert/strict";
import { test } from "node:test";

import { hitMatrix, inMap, matrixLayout, placeIn, zoomOf } from "../../amplify_viz/ui/web/matrix_layout.js";
import { shadeOf } from "../../amplify_viz/ui/web/matrix_paint.js";
import { centred, firstZoom, panned, revealing, zoomed } from "../../amplify_viz/ui/web/matrix_zoom.js";
import { byKey } from "../../amplify_viz/ui/web/zooming.js";

const WHOLE = { x: 0, y: 0, span: 1 };
const inside = ({ x, y, span }) => x >= 0 && y >= 0 && x + span <= 1 + 1e-12 && y + span <= 1 + 1e-12;

test("a small matrix is seen whole, a large one as far as it can be read", () => {
  assert.deepEqual(firstZoom(20, 500), WHOLE);
  const { span } = firstZoom(512, 520);
  assert.ok(Math.abs(span * 512 - 40) < 1e-9);
});

test("zooming keeps the point under the pointer and stays inside", () => {
  const by = { x: 0.25, y: 0.75, factor: 0.5, size: 512 };
  const zoom = zoomed({ x: 0.2, y: 0.2, span: 0.4 }, by);
  assert.ok(Math.abs(zoom.x + 0.25 * zoom.span - (0.2 + 0.25 * 0.4)) < 1e-12);
  assert.ok(Math.abs(zoom.y + 0.75 * zoom.span - (0.2 + 0.75 * 0.4)) < 1e-12);
  for (const factor of [0.001, 0.5, 3, 1000]) {
    const next = zoomed({ x: 0.6, y: 0.1, span: 0.4 }, { ...by, factor });
    assert.ok(inside(next) && next.span * 512 >= 6 - 1e-9);
  }
});

test("panning, centring and revealing stay inside", () => {
  const zoom = { x: 0.5, y: 0.5, span: 0.25 };
  assert.deepEqual(panned(zoom, 0.5, -0.5), { x: 0.625, y: 0.375, span: 0.25 });
  assert.deepEqual(panned(zoom, 100, -100), { x: 0.75, y: 0, span: 0.25 });
  assert.deepEqual(centred(zoom, 0.5, 0.99), { x: 0.375, y: 0.75, span: 0.25 });
  const shown = revealing(zoom, { row: 0, column: 99, size: 100 });
  assert.deepEqual(shown, { x: 0.75, y: 0, span: 0.25 });
  assert.deepEqual(revealing(zoom, { row: 60, column: 60, size: 100 }), zoom);
});

test("every cell is found where it is drawn, and labels left and above", () => {
  const layout = matrixLayout(50, 500);
  const zoom = zoomOf({ layout, choice: { zoom: { x: 0.2, y: 0.4, span: 0.3 } } });
  for (const [row, column] of [[20, 10], [27, 17], [34, 24]]) {
    const [y, x] = [placeIn(layout, zoom, "y", row), placeIn(layout, zoom, "x", column)];
    const [cx, cy] = [x.start + x.step / 2, y.start + y.step / 2];
    assert.deepEqual(hitMatrix(layout, cx, cy, zoom), { side: "from", index: row, part: column });
    assert.deepEqual(hitMatrix(layout, layout.corner - 2, cy, zoom), { side: "from", index: row });
    assert.deepEqual(hitMatrix(layout, cx, layout.corner - 2, zoom), { side: "to", index: column });
  }
  assert.equal(hitMatrix(layout, 2, 2, zoom), null);
  assert.equal(hitMatrix(layout, layout.corner + layout.side + 1, layout.corner + 5, zoom), null);
  assert.ok(inMap(layout, 2, 2) && !inMap(layout, layout.corner, 2));
});

test("a matrix fits its panel, narrow or wide", () => {
  for (const width of [264, 390, 480, 980]) {
    const { corner, side } = matrixLayout(300, width);
    assert.ok(corner + side <= width + 1e-9 && side >= 160);
  }
});

test("the shade is the root of the weight on its scale, whatever the sign", () => {
  assert.deepEqual([0, 0.25, -0.25, 1, 2].map((weight) => shadeOf(weight, 1)), [0, 0.5, 0.5, 1, 1]);
  assert.equal(shadeOf(0.5, 0), 0);
});

test("plus, minus and 0 zoom, other keys do not", () => {
  let zoom = { x: 0.2, y: 0.2, span: 0.5 };
  const window = { now: () => zoom, size: () => 100, set: (next) => (zoom = next) };
  assert.ok(byKey("+", window) && zoom.span < 0.5);
  assert.ok(byKey("-", window) && Math.abs(zoom.span - 0.5) < 1e-9);
  assert.ok(byKey("0", window));
  assert.deepEqual(zoom, WHOLE);
  assert.equal(byKey("r", window), false);
});
