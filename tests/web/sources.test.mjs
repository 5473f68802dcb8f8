import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

import { linesOf } from "../../amplify_viz/ui/web/graph_paint.js";
import { products } from "../../amplify_viz/ui/web/neuron_paint.js";

const FOLDER = new URL("../../amplify_viz/ui/web/", import.meta.url);
const FILES = readdirSync(FOLDER);
const MODULES = FILES.filter((name) => name.endsWith(".js"));
const textOf = (name) => readFileSync(new URL(name, FOLDER), "utf8");

test("modules import each other and nothing else", () => {
  for (const name of MODULES) {
    for (const [, source] of textOf(name).matchAll(/^(?:import|export)\s[^;]*?from\s+"([^"]+)"/gm)) {
      assert.ok(source.startsWith("./") && FILES.includes(source.slice(2)), `${name} imports ${source}`);
    }
  }
});

test("nothing is fetched from elsewhere and no text is parsed as HTML", () => {
  for (const name of FILES) {
    const text = textOf(name).replaceAll("https://bottosson.github.io", "");
    assert.doesNotMatch(text, /https?:\/\/|@import/, name);
    assert.doesNotMatch(text, /innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b/, name);
  }
});

test("a graph's lines are those at least as strong as the floor, the focus word's on top", () => {
  const weights = Float32Array.of(0.9, 0.3, 0.1, 0.2, 0.5, 0.4, 0.05, 0.6, 0.7);
  const lines = linesOf(weights, 3, { floor: 0.15, focus: 0 });
  assert.deepEqual(lines.map(({ from, to }) => [from, to]), [[1, 0], [1, 2], [2, 1], [0, 1]]);
});

test("products are those of one query with every key", () => {
  const [queries, keys] = [Float32Array.of(1, 2, 3, 4), Float32Array.of(5, 6, 7, 8)];
  assert.deepEqual(products(queries, keys, 2, 1), Float32Array.of(15, 24, 21, 32));
});
