import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

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
