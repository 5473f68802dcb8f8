import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { fromHalves, halfToNumber, unpack } from "../../amplify_viz/ui/web/unpack.js";

// Written by packing.pack; tests/ui/test_components.py checks that Python still writes it, and holds the same numbers.
const BLOB = readFileSync(new URL("blob.hex", import.meta.url), "utf8").replace(/\s/g, "");
const bytes = Uint8Array.from(BLOB.match(/../g), (pair) => parseInt(pair, 16));

test("a blob from Python reads as what was packed", () => {
  const { meta, arrays } = unpack(bytes);
  assert.deepEqual(meta, { title: "naïve · 世界", focus: null });
  assert.deepEqual(arrays.weights, { shape: [1, 2, 2], values: Float32Array.of(0.25, 0.75, 0.5, 0.5) });
  assert.deepEqual(arrays.masked, { shape: [3], values: Uint8Array.of(1, 0, 1) });
  assert.deepEqual(arrays.exact, { shape: [2], values: Float32Array.of(0.10000000149011612, -3) });
  assert.deepEqual(arrays.none, { shape: [0, 2], values: new Float32Array() });
});

test("bytes may begin anywhere in their buffer", () => {
  for (const shift of [1, 2, 3, 5, 8]) {
    const buffer = new Uint8Array(bytes.length + shift + 4);
    buffer.set(bytes, shift);
    assert.deepEqual(unpack(buffer.subarray(shift, shift + bytes.length)), unpack(bytes));
  }
});

test("half precision covers zero, subnormal, normal and infinite numbers", () => {
  const known = [
    [0x0000, 0], [0x8000, -0], [0x0001, 2 ** -24], [0x03ff, 1023 * 2 ** -24], [0x0400, 2 ** -14], [0x3c00, 1],
    [0x3555, 0.333251953125], [0xc000, -2], [0x7bff, 65504], [0x7c00, Infinity], [0xfc00, -Infinity], [0x7e00, NaN],
  ]; // prettier-ignore
  for (const [bits, value] of known) assert.ok(Object.is(halfToNumber(bits), value), bits.toString(16));
});

test("larger halves are larger numbers", () => {
  for (let bits = 1; bits <= 0x7c00; bits += 1) assert.ok(halfToNumber(bits) > halfToNumber(bits - 1));
});

test("the browser's own half precision is used where there is one", () => {
  class Native extends Uint16Array {}
  assert.deepEqual(fromHalves(Uint16Array.of(7, 9).buffer, Native), Float32Array.of(7, 9));
});
