import assert from "node:assert/strict";
import { test } from "node:test";

import { moved } from "../../amplify_viz/ui/web/keyboard.js";
import { describeRow, placeOf, rowsAt, samePlace, wordPlace } from "../../amplify_viz/ui/web/places.js";
import { choose, cleared, focusOf, pinned, received } from "../../amplify_viz/ui/web/selection.js";

// "The the hopped", cut differently by two tokenizers.
const rowsOf = (words, labels) => ({ words, labels, segments: words.map((word) => (word === null ? null : 0)) });
const A = rowsOf([null, 0, 1, 2, 2, null], ["[CLS]", "The", "the", "hop", "##ped", "[SEP]"]);
const B = rowsOf([null, 0, 1, 2, null], ["<s>", "The", "the", "hopped", "</s>"]);
const VIEW = { canRelease: true };
const spotAt = (row, side = "from") => ({ place: placeOf(A, row), side });

test("a place is found again in its own panel", () => {
  for (const rows of [A, B]) rows.words.forEach((_, i) => assert.deepEqual(rowsAt(rows, placeOf(rows, i)), [i]));
});

test("words are told apart by position, not by text", () => assert.deepEqual(rowsAt(B, placeOf(A, 1)), [1]));

test("a place is found in a panel with other tokens", () => {
  assert.deepEqual(rowsAt(B, placeOf(A, 4)), [3]);
  assert.deepEqual(rowsAt(A, placeOf(B, 3)), [3, 4]);
  assert.deepEqual(rowsAt(B, placeOf(A, 5)), [4]);
  assert.deepEqual(rowsAt(A, wordPlace(2)), [3, 4]);
  assert.deepEqual(rowsAt(A, wordPlace(9)), []);
});

test("a row says where it stands", () => {
  assert.equal(describeRow(A, 4), "word 3, piece 2 of 2");
  assert.equal(describeRow(A, 0), "special token");
  assert.equal(describeRow({ ...B, segments: [null, 0, 0, 1, null] }, 3), "word 3, sentence B");
});

test("a row that the tokenizer does not know says what the model read", () => {
  const rows = { ...A, read: [null, null, null, "[UNK]", null, null] };
  assert.equal(describeRow(rows, 3), "word 3, piece 1 of 2, read as [UNK]");
  assert.equal(describeRow(rows, 4), "word 3, piece 2 of 2");
});

test("a click pins another word, and the look that follows changes nothing more", () => {
  const choice = pinned(choose([1]), spotAt(3), VIEW);
  assert.deepEqual(focusOf(choice), [2]);
  const answered = received(choice, { text: "t", focus: [1] }, { text: "t", focus: [2] });
  assert.deepEqual(answered, choice);
});

test("a special token can be pinned, and is no word in focus", () => {
  assert.deepEqual(focusOf(pinned(choose([1]), spotAt(0), VIEW)), []);
  assert.equal(pinned(choose([1]), spotAt(0), VIEW).pin.place.special, 0);
});

test("several words can be pinned on one side, the last one leads, and each can be taken away", () => {
  const more = { ...VIEW, add: true };
  const both = pinned(choose([1]), spotAt(3), more);
  assert.deepEqual([focusOf(both), both.pin.place.word], [[1, 2], 2]);
  assert.deepEqual(focusOf(pinned(both, spotAt(2), more)), [2]);
  assert.deepEqual(focusOf(pinned(both, spotAt(1), VIEW)), [0]);
  const other = pinned(both, spotAt(1, "to"), more);
  assert.deepEqual(other.pins.map(({ side }) => side), ["to"]);
});

test("a second click lets go where the view can do without, and only there", () => {
  const spot = { place: wordPlace(1), side: "from" };
  assert.equal(pinned(choose([1]), spot, VIEW).pin, null);
  assert.ok(samePlace(pinned(choose([1]), spot, { canRelease: false }).pin.place, spot.place));
});

test("Escape takes the hover first and then the pins", () => {
  const hovered = { ...choose([1, 2]), hover: { panel: 0, index: 2, side: "from", place: placeOf(A, 2) } };
  const once = cleared(hovered, true);
  assert.deepEqual([once.hover, once.pins.length], [null, 2]);
  assert.deepEqual([cleared(once, true).pins, cleared(once, true).pin], [[], null]);
  assert.deepEqual(cleared(once, false), once);
});

test("a pin of this view survives another layer, and gives way to another focus or text", () => {
  const here = pinned(choose([1]), spotAt(0), VIEW);
  assert.deepEqual(received(here, { text: "t", focus: [] }, { text: "t", focus: [] }), here);
  assert.equal(received(here, { text: "t", focus: [] }, { text: "t", focus: [2] }).pin.place.word, 2);
  assert.deepEqual(received(here, { text: "t", focus: [] }, { text: "u", focus: [1] }), choose([1]));
});

test("a hover stays while the rows stay", () => {
  const hover = { panel: 0, index: 2, side: "from", place: placeOf(A, 2) };
  const looks = (level) => ({ text: "t", focus: [1], level });
  assert.equal(received({ ...choose([1]), hover }, looks("tokens"), looks("tokens")).hover, hover);
  assert.equal(received({ ...choose([1]), hover }, looks("tokens"), looks("words")).hover, null);
});

test("arrows walk through rows, stop at the ends and change sides", () => {
  const rows = { count: 3, sides: true };
  assert.deepEqual(moved(null, "ArrowDown", rows), { side: "from", index: 0 });
  assert.deepEqual(moved({ side: "from", index: 2 }, "ArrowDown", rows), { side: "from", index: 2 });
  assert.deepEqual(moved({ side: "from", index: 0 }, "ArrowUp", rows), { side: "from", index: 0 });
  assert.deepEqual(moved({ side: "from", index: 1 }, "ArrowRight", rows), { side: "to", index: 1 });
  assert.deepEqual(moved({ side: "to", index: 1 }, "ArrowLeft", rows), { side: "from", index: 1 });
  assert.deepEqual(moved({ side: "to", index: 1 }, "Home", rows), { side: "to", index: 0 });
  assert.deepEqual(moved({ side: "to", index: 0 }, "End", rows), { side: "to", index: 2 });
});

test("with one column left and right walk too, and other keys or no rows lead nowhere", () => {
  const [at, rows] = [{ side: "from", index: 1 }, { count: 3, sides: false }];
  assert.deepEqual(moved(at, "ArrowRight", rows), { side: "from", index: 2 });
  assert.equal(moved(at, "r", rows), null);
  assert.equal(moved(null, "ArrowDown", { count: 0, sides: false }), null);
});
