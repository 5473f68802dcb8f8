import assert from "node:assert/strict";
import { test } from "node:test";

import { complete } from "../../amplify_viz/ui/web/copy_link.js";

test("a link names the choices that the address leaves out, and keeps those that it names", () => {
  const runs = { run: ["none · seed 0", "a & b"] };
  const full = new URL(complete("http://here/?layer=2", runs));
  assert.deepEqual(full.searchParams.getAll("run"), ["none · seed 0", "a & b"]);
  assert.equal(full.searchParams.get("layer"), "2");
  assert.deepEqual(new URL(complete("http://here/?run=x", runs)).searchParams.getAll("run"), ["x"]);
  assert.equal(complete("http://here/?layer=2", { run: [] }), "http://here/?layer=2");
});
