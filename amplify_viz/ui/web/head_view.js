/** The head view: lines from the words that look to the words they look at, one colour a head. */

import { canvasView } from "./canvas_view.js";
import { css, onBackground, parseColour } from "./colour.js";
import { headLayout, hitRow } from "./head_layout.js";
import { paintHeads, paintSides, SIDES_HEIGHT } from "./head_paint.js";
import { describeHeads, headTable, headTip } from "./head_text.js";
import { headChips, ramp } from "./legend.js";
import { formatWeight } from "./numbers.js";
import { FAINTEST, floorFor } from "./opacity.js";
import { component } from "./streamlit.js";

/** Draws the head view into an element. */
export const mount = canvasView({
  name: "heads",
  canRelease: true,
  sides: true,
  headHeight: SIDES_HEIGHT,
  read,
  layout: layoutPanel,
  paint: paintHeads,
  paintHead: paintSides,
  hit: hitRow,
  spot: spotOf,
  tip: headTip,
  describe: describeHeads,
  table: headTable,
  legend,
  note,
});
export default component(mount);

function read({ meta, arrays }) {
  const packed = meta.panels.map((_, i) => arrays[`weights${i}`]);
  const weights = packed.map(({ values, shape }) => ({ values, size: shape[1] }));
  return { meta, panels: meta.panels, weights, faintest: FAINTEST * meta.scale, floor: floorFor(packed, meta.scale) };
}

function layoutPanel({ panels, meta }, panel, { width, pen, choice }) {
  const widest = (size) => Math.max(0, ...panels[panel].labels.map((label) => pen.width(label, size, 650)));
  return headLayout(panels[panel], { width, side: choice.pin?.side ?? null, count: meta.heads.length, widest });
}

function spotOf({ left, right, row, middles }, { side, index }) {
  return { x: side === "from" ? left : right, y: middles[index], height: row };
}

function legend({ meta }, theme, choice, actions) {
  const heads = meta.heads.map(({ head, colour }) => {
    return { head, colour: css(onBackground(parseColour(colour), theme.background)) };
  });
  return [
    headChips(heads, { kept: choice.kept, ...actions }),
    ramp("Weight", theme.text, "0", formatWeight(meta.scale)),
  ];
}

function note({ meta, floor, faintest }, { pin }) {
  const sentences = [];
  if (!pin && floor > faintest) {
    sentences.push(`While all lines are shown, those below ${formatWeight(floor)} are left out.`);
  }
  if (!meta.special) sentences.push("Special tokens are hidden, and with them the attention that they take.");
  return sentences.join(" ");
}
