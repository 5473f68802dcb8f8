import assert from "node:assert/strict";
import { test } from "node:test";

import { between, bucketLines, partners, scopeOf, strongestLines } from "../../amplify_viz/ui/web/head_lines.js";
import { stepOf } from "../../amplify_viz/ui/web/opacity.js";
import { wordPlace } from "../../amplify_viz/ui/web/places.js";

// Two heads over three rows; rows 1 and 2 are the pieces of word 0, row 0 is special.
const WEIGHTS = Float32Array.from([
  [[0.5, 0.25, 0.25], [0, 0.75, 0.25], [0.125, 0.375, 0.5]],
  [[1, 0, 0], [0.5, 0.5, 0], [0.25, 0.25, 0.5]],
].flat(2)); // prettier-ignore
const ROWS = { words: [null, 0, 0], labels: ["[CLS]", "hop", "##ped"], segments: [null, 0, 0] };
const ALL = { mode: "all", from: null, to: null };
const word = (side) => ({ place: wordPlace(0), side });
const special = (side) => ({ place: { word: null, special: 0, piece: 0, pieces: 1 }, side });

function linesIn({ starts, pairs }, heads) {
  const lines = [];
  for (let bucket = 0; bucket + 1 < starts.length; bucket += 1) {
    for (let i = starts[bucket]; i < starts[bucket + 1]; i += 1) {
      lines.push({ head: heads[bucket % heads.length], step: Math.floor(bucket / heads.length), pair: pairs[i] });
    }
  }
  return lines;
}

test("every weight above the floor is one line of its head and opacity", () => {
  const heads = [0, 1];
  const lines = linesIn(bucketLines(WEIGHTS, 3, { heads, scope: ALL, scale: 1, floor: 0.2 }), heads);
  assert.equal(lines.length, WEIGHTS.filter((weight) => weight >= 0.2).length);
  for (const { head, step, pair } of lines) assert.equal(step, stepOf(WEIGHTS[head * 9 + pair], 1));
  assert.equal(new Set(lines.map(({ head, pair }) => head * 9 + pair)).size, lines.length);
});

test("lines come faint ones first, so that strong ones lie on top", () => {
  const lines = linesIn(bucketLines(WEIGHTS, 3, { heads: [0, 1], scope: ALL, scale: 1, floor: 0 }), [0, 1]);
  assert.deepEqual(lines, lines.toSorted((a, b) => a.step - b.step));
});

test("only the heads and rows in scope have lines", () => {
  const scope = { mode: "from", from: [2], to: null };
  const lines = linesIn(bucketLines(WEIGHTS, 3, { heads: [1], scope, scale: 1, floor: 0 }), [1]);
  assert.deepEqual(lines.map(({ pair }) => pair).toSorted(), [6, 7, 8]);
});

test("without a pinned or hovered row every line is in scope", () => {
  assert.deepEqual(scopeOf(ROWS, { pins: [], hover: null }), ALL);
});

test("a hovered row takes the place of the pinned one on the same side", () => {
  assert.deepEqual(scopeOf(ROWS, { pins: [word("from")], hover: null }), { mode: "from", from: [1, 2], to: null });
  assert.deepEqual(scopeOf(ROWS, { pins: [word("from")], hover: special("from") }), { mode: "from", from: [0], to: null });
  assert.deepEqual(scopeOf(ROWS, { pins: [word("to")], hover: null }), { mode: "to", from: null, to: [1, 2] });
});

test("a hovered row on the other side makes a pair", () => {
  assert.deepEqual(scopeOf(ROWS, { pins: [word("from")], hover: special("to") }), { mode: "pair", from: [1, 2], to: [0] });
  assert.deepEqual(scopeOf(ROWS, { pins: [word("to")], hover: special("from") }), { mode: "pair", from: [0], to: [1, 2] });
});

test("attention between words is averaged over who looks and summed over what is looked at", () => {
  assert.equal(between(WEIGHTS, 3, { head: 0, from: [1, 2], to: [0] }), (0 + 0.125) / 2);
  assert.equal(between(WEIGHTS, 3, { head: 0, from: [0], to: [1, 2] }), 0.25 + 0.25);
  assert.equal(between(WEIGHTS, 3, { head: 1, from: [0, 1, 2], to: [0, 1, 2] }), 1);
});

test("partners come strongest first, by the mean over heads", () => {
  assert.deepEqual(partners(WEIGHTS, 3, { heads: [0, 1], side: "from", rows: [0], most: 2 }), [0, 1]);
  assert.deepEqual(partners(WEIGHTS, 3, { heads: [0], side: "to", rows: [2], most: 3 }), [2, 0, 1]);
});

test("the strongest line of a row is its largest weight in any head", () => {
  const lines = strongestLines(WEIGHTS, 3, [0, 1]);
  assert.deepEqual(lines[0], { head: 1, to: 0, weight: 1 });
  assert.deepEqual(lines[1], { head: 0, to: 1, weight: 0.75 });
});
