import assert from "node:assert/strict";
import { mock, test } from "node:test";

import { Chunks } from "../../amplify_viz/ui/web/chunks.js";
import { comparable, differsInTokens, fitted, headsIn, headsOf, largest, subjectsOf } from "../../amplify_viz/ui/web/look.js";
import { Sent } from "../../amplify_viz/ui/web/sent.js";

const panel = (title, over = {}) => ({ id: title, title, n_layers: 6, n_heads: 12, tokens: "t", prediction: null, ...over });
const meta = (...panels) => ({ text: "x", words: ["a", "b", "c"], n_texts: 1, panels, base: null });
const LOOK = { layer: 3, heads: null, head: null, focus: [], difference: null };

test("a look has the layers and heads of the largest panel, and each panel its own of these", () => {
  const two = meta(panel("a"), panel("b", { n_layers: 9, n_heads: 4 }));
  assert.deepEqual(largest(two), { layers: 9, heads: 12 });
  const look = fitted({ ...LOOK, layer: 11, heads: [0, 3, 7, 12], head: 9, focus: [2, 8], difference: [0, 1] }, two);
  assert.deepEqual(look, { layer: 8, heads: [0, 3, 7], head: 9, focus: [2], difference: null });
  assert.deepEqual([headsOf(look, two), headsIn(look, two.panels[1])], [[0, 3, 7], [0, 3]]);
  assert.deepEqual([headsOf(LOOK, two).length, headsIn(LOOK, two.panels[1]).length], [12, 4]);
});

test("all heads one by one are all heads, and none are none", () => {
  const one = meta(panel("a", { n_heads: 2 }));
  assert.equal(fitted({ ...LOOK, heads: [0, 1] }, one).heads, null);
  assert.deepEqual(headsOf(fitted({ ...LOOK, heads: [] }, one), one), []);
  assert.deepEqual(headsOf(fitted(LOOK, one), one), [0, 1]);
});

test("a difference is one more panel, of the second minus the first", () => {
  const two = meta(panel("a"), panel("b", { tokens: "u" }));
  const look = fitted({ ...LOOK, difference: [0, 1] }, two);
  const [, , difference] = subjectsOf(look, two);
  assert.deepEqual([difference.id, difference.title, difference.signed], ["b-a", "b − a", true]);
  assert.equal(differsInTokens(look, two), true);
  assert.equal(subjectsOf(LOOK, two).length, 2);
});

test("a panel is not compared with itself, with none, or with one of another shape", () => {
  const two = meta(panel("a"), panel("b", { n_heads: 4 }));
  for (const pair of [[0, 0], [0, 5], [0, 1]]) assert.equal(comparable(two, pair), false); // prettier-ignore
});

test("looks are sent a moment after the last change and known again in order", () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const told = [];
  const sent = new Sent((look) => told.push(look.layer), new AbortController().signal);
  sent.send({ layer: 1 });
  sent.send({ layer: 2 });
  mock.timers.tick(1000);
  sent.send({ layer: 3 });
  mock.timers.tick(1000);
  assert.deepEqual(told, [2, 3]);
  assert.equal(sent.knows({ layer: 1 }), false);
  assert.equal(sent.knows({ layer: 3 }), true);
  assert.equal(sent.knows({ layer: 2 }), false, "a look from before is somebody's choice");
  mock.timers.reset();
});

test("a look that opens another view is sent at once and alone", () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const told = [];
  const sent = new Sent((look, view) => told.push([look.layer, view]), new AbortController().signal);
  sent.send({ layer: 1 });
  sent.sendNow({ layer: 2 }, "Head view");
  mock.timers.tick(1000);
  assert.deepEqual(told, [[2, "Head view"]]);
  assert.equal(sent.knows({ layer: 2 }), true);
  mock.timers.reset();
});

/** A blob of one float32 array, as packing.py writes it. */
function blob(count) {
  const header = JSON.stringify({ meta: {}, arrays: { x: { dtype: "float32", shape: [count], offset: 0 } } });
  const bytes = new Uint8Array(4 + header.length + 4 * count);
  new DataView(bytes.buffer).setUint32(0, header.length, true);
  bytes.set(new TextEncoder().encode(header), 4);
  return bytes;
}

test("chunks that a page holds are unpacked once, and the least recently used go first", async () => {
  const read = [];
  const given = { get: (name) => (read.push(name), blob(10)) };
  const chunks = new Chunks(given, 100);
  const { signal } = new AbortController();
  for (const name of ["a", "b", "a", "c", "a", "b"]) await chunks.get(null, name, signal);
  assert.deepEqual(read, ["a", "b", "c", "b"]);
});

test("a chunk that a page does not hold is said in a sentence", async () => {
  const { signal } = new AbortController();
  await assert.rejects(() => new Chunks(new Map()).get(null, "a", signal), /not in this page/);
});
