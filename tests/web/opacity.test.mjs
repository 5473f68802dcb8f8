import assert from "node:assert/strict";
import { test } from "node:test";

import { FAINTEST, floorFor, opacityOf, stepOf, STEPS } from "../../amplify_viz/ui/web/opacity.js";

test("opacity is proportional to the weight and full at the scale's end", () => {
  assert.equal(opacityOf(stepOf(0.8, 0.8)), 1);
  for (let weight = 0; weight < 0.8; weight += 0.01) {
    assert.ok(Math.abs(opacityOf(stepOf(weight, 0.8)) - weight / 0.8) <= 1 / STEPS);
  }
});

test("nothing that can be seen is left out while there are few lines", () => {
  const floor = floorFor([{ values: Float32Array.of(0.9, 0.5, 0.01) }], 0.9);
  assert.ok(Math.abs(floor - FAINTEST * 0.9) < 1e-6);
});

test("one floor keeps every panel to the most lines, and is not higher than it must be", () => {
  const uniform = Float32Array.from({ length: 5000 }, (_, i) => (i + 1) / 5000);
  const strong = uniform.map((weight) => Math.sqrt(weight));
  const floor = floorFor([{ values: uniform }, { values: strong }], 1, 1000);
  const drawn = [uniform, strong].map((values) => values.filter((weight) => weight >= floor).length);
  assert.ok(Math.max(...drawn) <= 1000, String(drawn));
  assert.ok(Math.max(...drawn) >= 990, String(drawn));
});

test("a scale of zero draws nothing and breaks nothing", () => {
  assert.ok(!(floorFor([{ values: new Float32Array(4) }], 0) > 0));
});
