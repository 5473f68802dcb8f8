import assert from "node:assert/strict";
import { test } from "node:test";

import { headControl, headsControl } from "../../amplify_viz/ui/web/controls.js";
import { subjectsOf } from "../../amplify_viz/ui/web/look.js";
import { modelTable, modelTip } from "../../amplify_viz/ui/web/model_text.js";
import { offBadge, offIn, offNames, offNote, offOf } from "../../amplify_viz/ui/web/off.js";

const panel = (title, off = []) => ({ id: title, title, n_layers: 2, n_heads: 3, tokens: "t", prediction: null, off });
const [WHOLE, LESS] = [panel("whole"), panel("less", [[0, 1], [1, 0], [1, 2]])]; // prettier-ignore
const meta = { text: "x", words: ["a"], n_texts: 1, panels: [WHOLE, LESS], base: null, colours: { heads: ["#112233"] } };
const LOOK = { layer: 1, heads: null, head: null, focus: [], difference: null };
const THEME = { background: [255, 255, 255] };

test("of a layer's heads on show those are named that are off, or of all layers' all", () => {
  assert.deepEqual([offIn(LESS, 0), offIn(LESS, 1), offIn(WHOLE, 0)], [[1], [0, 2], []]);
  assert.deepEqual(offNames(LOOK, LESS, [1, 2]), ["3"]);
  assert.deepEqual(offNames(LOOK, LESS, null), ["1.2", "2.1", "2.3"]);
  assert.deepEqual(offNames(LOOK, WHOLE, null), []);
  assert.deepEqual([offOf(meta.panels, 1, 2), offOf(meta.panels, 1, 1)], [["less"], []]);
});

test("a badge names few heads and counts many", () => {
  assert.deepEqual([[], ["3"], ["1", "3"], ["1", "2", "3", "4", "5"]].map(offBadge), ["", "head 3 off", "heads 1, 3 off", "5 heads off"]); // prettier-ignore
});

test("below the panels stands what it means, and nothing where no head is off", () => {
  const said = offNote([{ title: "whole", names: [] }, { title: "less", names: ["3"] }]); // prettier-ignore
  assert.match(said, /^In “less” head 3 is switched off\. The output of a head switched off is zero; its weights show/);
  assert.equal(offNote([{ title: "whole", names: [] }]), "");
});

test("a head's control says where the head is off, and only there", () => {
  const [{ heads }] = headsControl({ meta, look: LOOK }, THEME, () => {});
  assert.deepEqual(heads.map(({ off }) => off), [["less"], [], ["less"]]); // prettier-ignore
  const [{ options }] = headControl({ meta, look: LOOK }, { mean: false });
  assert.deepEqual(options.map(([, name]) => name), ["1 (off)", "2", "3 (off)"]);
});

test("a difference has no heads that are off", () => {
  assert.deepEqual(subjectsOf({ ...LOOK, difference: [0, 1] }, meta)[2].off, []);
});

test("the model view's tooltip and table say which heads are off", () => {
  const rows = { ...LESS, labels: ["a", "b", "c", "d", "e", "f"] };
  const model = { meta, look: LOOK, panels: [rows], names: [], thumbs: [] };
  assert.match(modelTip({ model, rows }, { index: 1 }).detail, /^Switched off: its output is zero/);
  assert.doesNotMatch(modelTip({ model, rows }, { index: 0 }).detail, /Switched off/);
  const labels = modelTable({ model, panel: 0, rows }).rows.map(({ heading }) => heading.label);
  assert.deepEqual(labels.filter((label) => label.endsWith("switched off")).length, 3);
});
