/** A link of the page says what Python's does: both are held to links.json, Python by tests/views/test_look.py. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { parametersOf, saying } from "../../amplify_viz/ui/web/look_link.js";

const CASES = JSON.parse(readFileSync(new URL("links.json", import.meta.url), "utf8"));
const NAMES = Object.keys(CASES.usual);

test("a look's parameters are those of Python", () => {
  for (const { look, link } of CASES.links) assert.deepEqual(parametersOf({ ...CASES.usual, ...look }, CASES.usual), link);
});

test("an address says the look, whatever it said of it, and keeps all else", () => {
  const said = saying("http://here/?run=x&layer=5&focus=3&a=b+c#top", NAMES, { layer: "6", heads: "1,2" });
  assert.equal(said, "http://here/?run=x&layer=6&a=b+c&heads=1%2C2#top");
});

test("an address that says the look stays as it is written", () => {
  const address = "http://here/?a=~%20b&layer=6";
  assert.equal(saying(address, NAMES, { layer: "6" }), address);
});
