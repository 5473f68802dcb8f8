import assert from "node:assert/strict";
import { test } from "node:test";

import { ellipsise } from "../../amplify_viz/ui/web/label.js";

const width = (text) => [...new Intl.Segmenter().segment(text)].length;

test("what fits stays as it is", () => assert.equal(ellipsise("rabbit", 6, width), "rabbit"));

test("what does not fit is as long as it can be", () => {
  assert.equal(ellipsise("Donaudampfschiff", 8, width), "Donauda…");
  for (let room = 2; room < 16; room += 1) assert.equal(width(ellipsise("Donaudampfschiff", room, width)), room);
});

test("no character is cut inside", () => {
  assert.equal(ellipsise("👩‍👩‍👧‍👦👍🏽🇨🇦é̂x", 3, width), "👩‍👩‍👧‍👦👍🏽…");
  assert.equal(ellipsise("مرحبا", 3, width), "مر…");
});

test("one character is left however small the room", () => assert.equal(ellipsise("世界", 0, width), "世…"));
