import assert from "node:assert/strict";
import { test } from "node:test";

import { moved } from "../../amplify_viz/ui/web/keyboard.js";
import { describeRow, placeOf, rowsAt, samePlace, wordPlace } from "../../amplify_viz/ui/web/places.js";
import { aloneHead, choose, cleared, pinned, received } from "../../amplify_viz/ui/web/selection.js";

// "The the hopped", cut differently by two tokenizers.
const rowsOf = (words, labels) => ({ words, labels, segments: words.map((word) => (word === null ? null : 0)) });
const A = rowsOf([null, 0, 1, 2, 2, null], ["[CLS]", "The", "the", "hop", "##ped", "[SEP]"]);
const B = rowsOf([null, 0, 1, 2, null], ["<s>", "The", "the", "hopped", "</s>"]);
const VIEW = { focus: 1, canRelease: true };

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
  assert.equal(describeRow({ ...B, segments: [null, 0, 0, 1, null] }, 3), "word 3, sentence 2");
});

test("a click on another word tells Python once, and its answer changes nothing more", () => {
  const { choice, focus } = pinned(choose(1), { place: placeOf(A, 3), side: "from" }, VIEW);
  assert.equal(focus, 2);
  const answered = received(choice, { text: "t", focus: 1 }, { text: "t", focus: 2 });
  assert.deepEqual(answered, choice);
});

test("a click on a special token or on the focus word stays in the view", () => {
  assert.equal(pinned(choose(1), { place: placeOf(A, 0), side: "from" }, VIEW).focus, null);
  assert.equal(pinned(choose(null), { place: placeOf(A, 2), side: "to" }, VIEW).focus, null);
});

test("a second click lets go where the view can do without, and only there", () => {
  const spot = { place: wordPlace(1), side: "from" };
  assert.equal(pinned(choose(1), spot, VIEW).choice.pin, null);
  assert.ok(samePlace(pinned(choose(1), spot, { ...VIEW, canRelease: false }).choice.pin.place, spot.place));
});

test("Escape takes the hover first and then the pin", () => {
  const hovered = { ...choose(1), hover: { panel: 0, index: 2, side: "from", place: placeOf(A, 2) } };
  const once = cleared(hovered, true);
  assert.deepEqual([once.hover, once.pin !== null], [null, true]);
  assert.equal(cleared(once, true).pin, null);
  assert.deepEqual(cleared(once, false), once);
});

test("a pin of this view survives another layer, and gives way to another focus or text", () => {
  const here = pinned(choose(1), { place: placeOf(A, 0), side: "from" }, VIEW).choice;
  assert.deepEqual(received(here, { text: "t", focus: 1 }, { text: "t", focus: 1 }), here);
  assert.equal(received(here, { text: "t", focus: 1 }, { text: "t", focus: 2 }).pin.place.word, 2);
  assert.deepEqual(received(here, { text: "t", focus: 1 }, { text: "u", focus: 1 }), choose(1));
});

test("a head shown alone is forgotten when other heads are sent", () => {
  const kept = { ...choose(1), kept: 2 };
  const meta = (heads) => ({ text: "t", focus: 1, heads: heads.map((head) => ({ head })) });
  assert.equal(received(kept, meta([0, 1, 2]), meta([0, 1, 2])).kept, 2);
  assert.equal(received(kept, meta([0, 1, 2]), meta([0, 1])).kept, null);
});

test("a previewed head goes before a kept one", () => {
  assert.equal(aloneHead({ kept: 1, preview: 3 }), 3);
  assert.equal(aloneHead({ kept: 1, preview: null }), 1);
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
