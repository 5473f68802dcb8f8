import assert from "node:assert/strict";
import { test } from "node:test";

import { boot, chunksOf, fromBase64 } from "../../amplify_viz/ui/web/standalone.js";

const EVERY_BYTE = Uint8Array.from({ length: 256 }, (_, i) => i);
const base64 = (bytes) => Buffer.from(bytes).toString("base64");

function pageWith(document, chunks) {
  const reads = [];
  const script = (name, bytes) => ({
    dataset: { chunk: name },
    get textContent() {
      reads.push(name);
      return base64(bytes);
    },
  });
  const scripts = Object.entries(chunks).map(([name, bytes]) => script(name, bytes));
  return {
    reads,
    querySelector: (selector) => (selector === "main" ? "the place" : script("document", document)),
    querySelectorAll: () => scripts,
  };
}

test("base64 becomes the bytes it stands for, with the browser's decoder and without", () => {
  for (const length of [0, 1, 2, 3, 255, 256]) {
    const bytes = EVERY_BYTE.subarray(0, length);
    assert.deepEqual(fromBase64(base64(bytes), undefined), bytes);
  }
  assert.equal(fromBase64("AA==", (text) => `decoded ${text}`), "decoded AA==");
});

test("a chunk is decoded when it is asked for, and a name that the page lacks has none", () => {
  const page = pageWith([], { "a/heads/0": EVERY_BYTE, "a/heads/1": [7] });
  const chunks = chunksOf(page);
  assert.deepEqual(page.reads, []);
  assert.deepEqual(chunks.get("a/heads/1"), Uint8Array.of(7));
  assert.deepEqual(page.reads, ["a/heads/1"]);
  assert.equal(chunks.get("a/heads/2"), undefined);
  assert.equal(chunks.get("constructor"), undefined);
});

test("the view is mounted in its place with the document's bytes and the chunks", () => {
  const page = pageWith(EVERY_BYTE, { a: [1] });
  const live = boot((place, bytes, { chunks }) => ({ place, bytes, a: chunks.get("a") }), page);
  assert.deepEqual(live, { place: "the place", bytes: EVERY_BYTE, a: Uint8Array.of(1) });
});
