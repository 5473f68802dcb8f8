import assert from "node:assert/strict";
import { test } from "node:test";

import { linkTo } from "../../amplify_viz/ui/web/copy_link.js";

const USUAL = { layer: 3, focus: [], difference: null };
const RUNS = { run: ["none · seed 0", "a & b"] };

test("a link names the choices that the address leaves out, and keeps those that it names", () => {
  const meta = { link: RUNS, usual: USUAL };
  const full = new URL(linkTo("http://here/?a=x", meta, USUAL));
  assert.deepEqual(full.searchParams.getAll("run"), RUNS.run);
  assert.equal(full.searchParams.get("a"), "x");
  assert.deepEqual(new URL(linkTo("http://here/?run=x", meta, USUAL)).searchParams.getAll("run"), ["x"]);
  assert.equal(linkTo("http://here/?layer=4", { ...meta, link: { run: [] } }, USUAL), "http://here/?layer=4");
});

test("a link says the look that is shown, not what the address says of it", () => {
  const look = { layer: 5, focus: [1], difference: null };
  const link = new URL(linkTo("http://here/?layer=5&difference=1,2", { link: {}, usual: USUAL }, look));
  assert.deepEqual([...link.searchParams], [["layer", "6"], ["focus", "2"]]); // prettier-ignore
});
