/** The head view: lines from the words that look to the words they look at, one colour a head. */

import { canvasView } from "./canvas_view.js";
import {
  differenceControl,
  headsControl,
  layerControl,
  levelControl,
  specialControl,
} from "./controls.js";
import { css } from "./colour.js";
import { button, element } from "./dom.js";
import { headLayout, hitRow } from "./head_layout.js";
import { floorOf, howOf, readHeads } from "./head_model.js";
import { paintHeads, paintSides, SIDES_HEIGHT } from "./head_paint.js";
import { describeHeads, headTable, headTip, leftOut } from "./head_text.js";
import { moved } from "./keyboard.js";
import { headsLacked, lackOfHeads, lackOfLayer } from "./lacking.js";
import { gradient, ramp } from "./legend.js";
import { differsInTokens, headsIn } from "./look.js";
import { hitMatrix, inMap, matrixLayout, placeIn, zoomOf } from "./matrix_layout.js";
import { matrixColour, paintMatrix } from "./matrix_paint.js";
import { revealing } from "./matrix_zoom.js";
import { formatValue, formatWeight } from "./numbers.js";
import { offIn } from "./off.js";
import { component } from "./streamlit.js";

/** Draws the head view into an element. */
export const mount = canvasView({
  name: "heads",
  canRelease: true,
  sides: true,
  headHeight: SIDES_HEIGHT,
  signed: true,
  chunk: ({ layer, level, special }) => `heads/${layer}/${level}/${special}`,
  heads: headsIn,
  lack: (look, subject) => lackOfLayer(look, subject) ?? lackOfHeads(look, subject),
  controls,
  read: readHeads,
  layout: layoutPanel,
  paint: (pen, scene) => (scene.layout.kind === "matrix" ? paintMatrix : paintHeads)(pen, scene),
  paintHead: paintSides,
  hit: (layout, x, y, choice) => (layout.kind === "matrix" ? hitMatrix(layout, x, y, zoomOf({ layout, choice })) : hitRow(layout, x, y)),
  spot: spotOf,
  walk,
  zoom: { now: zoomNow, reveal, inMap: pointInMap },
  tip: headTip,
  describe: describeHeads,
  table: headTable,
  legend,
  note,
});
export default component(mount);

const BETWEEN = [["all", "all"], ["aa", "A → A"], ["ab", "A → B"], ["ba", "B → A"], ["bb", "B → B"]]; // prettier-ignore
const TOP = [[null, "all"], [1, "1"], [2, "2"], [3, "3"], [5, "5"], [10, "10"]]; // prettier-ignore
const COMBINE = [["each", "each"], ["mean", "mean"], ["max", "max"]]; // prettier-ignore
const FORM = [["auto", "auto"], ["lines", "lines"], ["matrix", "matrix"]]; // prettier-ignore

function controls(told, theme, { preview }) {
  const { look, meta } = told;
  const seldom = [
    {
      kind: "choice", name: "combine", label: "Heads as", options: COMBINE, value: look.combine, usual: "each",
      help: COMBINE_HELP,
    },
    ...specialControl(told).map((control) => ({ ...control, usual: "shown" })),
    {
      kind: "list", name: "between", label: "Between", options: BETWEEN, value: look.between, usual: "all",
      help: "Which sentence’s words look at which sentence’s.",
    },
    {
      kind: "slider", name: "least", label: "Least weight", low: 0, high: 0.5, step: 0.01, value: look.least, usual: 0,
      write: (weight) => weight.toFixed(2), help: "Weaker lines or cells are left out; differences are not.",
    },
    {
      kind: "list", name: "top", label: "Strongest", options: TOP, value: look.top, usual: null,
      help: "At most so many from each row, in each head.",
    },
    {
      kind: "choice", name: "form", label: "Drawn as", options: FORM, value: look.form, usual: "auto", help: FORM_HELP,
    },
  ]; // prettier-ignore
  return [
    ...layerControl(told),
    ...headsControl(told, theme, preview),
    ...levelControl(told),
    ...differenceControl(told),
    ...seldom.filter(({ name }) => name !== "between" || meta.n_texts > 1),
  ];
}

const COMBINE_HELP = "Each head in its colour; or one neutral line for the mean, or the largest weight, of the heads on show.";
const FORM_HELP = "Auto: lines up to a hundred rows, above that a matrix that zooms (Ctrl and wheel, drag, + − 0).";

function layoutPanel({ panels, weights, form, look }, panel, { width, pen, choice }) {
  if (form === "matrix") return matrixLayout(panels[panel].labels.length, width);
  const widest = (size) => Math.max(0, ...panels[panel].labels.map((label) => pen.width(label, size, 650)));
  const count = look.combine === "each" ? weights[panel].heads.length : 1;
  return { kind: "lines", ...headLayout(panels[panel], { width, side: choice.pin?.side ?? null, count, widest }) };
}

function spotOf(layout, { side, index, part }, choice) {
  if (layout.kind === "lines") {
    return { x: side === "from" ? layout.left : layout.right, y: layout.middles[index], height: layout.row };
  }
  const zoom = zoomOf({ layout, choice });
  const [row, column] = side === "from" ? [index, part ?? 0] : [0, index];
  const [y, x] = [placeIn(layout, zoom, "y", row), placeIn(layout, zoom, "x", column)];
  return { x: x.start + x.step, y: y.start + y.step, height: y.step };
}

/** Where a key leads: in a matrix up and down among rows, left and right among columns. */
function walk({ model, panel, layout }, at, key) {
  const count = model.panels[panel].labels.length;
  if (layout.kind === "lines") return moved(at, key, { count, sides: true });
  const across = key === "ArrowLeft" || key === "ArrowRight";
  const [row, column] = at?.side === "from" ? [at.index, at.part ?? 0] : [0, at?.index ?? 0];
  const next = moved(at && { side: "from", index: across ? column : row }, key, { count, sides: false });
  if (!next) return null;
  return { side: "from", ...(across ? { index: row, part: next.index } : { index: next.index, part: column }) };
}

function zoomNow(scene) {
  return scene.layout.kind === "matrix" ? zoomOf(scene) : null;
}

function reveal(scene, { side, index, part }) {
  const [row, column] = side === "from" ? [index, part ?? 0] : [0, index];
  return revealing(zoomOf(scene), { row, column, size: scene.layout.size });
}

function pointInMap({ layout }, x, y) {
  return layout.kind === "matrix" && inMap(layout, x, y) ? { x: x / layout.map, y: y / layout.map } : null;
}

function legend(model, theme, choice, { zoom }) {
  const { scales, form, look, panels } = model;
  const kind = form === "matrix" ? (model.heads.length > 1 ? "combined" : "each") : look.combine === "each" ? "each" : "combined";
  const top = (of) => (of[kind] > 0 ? of[kind] : of.each);
  const keys = [];
  const what = form === "matrix" ? "√ weight" : "Weight";
  if (panels.some(({ signed }) => !signed)) {
    const high = formatWeight(top(scales.weight));
    const rgb = form === "matrix" ? matrixColour({ model, choice, theme }) : theme.text;
    keys.push(ramp(what, rgb, "0", high));
  }
  if (panels.some(({ signed }) => signed)) {
    const limit = formatValue(top(scales.difference), 2);
    const colours = [css(theme.negative), css(theme.background), css(theme.positive)];
    keys.push(gradient(form === "matrix" ? "√ difference" : "Difference", colours, `−${limit}`, `+${limit}`));
  }
  return form === "matrix" ? [...keys, zoomButtons(zoom)] : keys;
}

function zoomButtons(zoom) {
  const part = (text, key, label) => button(text, () => zoom(key), { "aria-label": label, title: label });
  return element(
    "span.av-key",
    { role: "group", "aria-label": "Zoom" },
    part("−", "-", "Zoom out"),
    part("+", "+", "Zoom in"),
    part("Whole", "0", "Show the whole matrix"),
  );
}

function note(model, choice) {
  const { pins } = choice;
  const { look, form, heads, panels, weights } = model;
  const said = headsLacked(look, panels);
  if (form === "matrix" && heads.length > 1) {
    const counts = [...new Set(weights.map((one) => one.heads.length))];
    said.push(`Each cell is the ${howOf(look)} of ${counts.join(" or ")} heads.`);
  }
  const isOff = (panel, i) => offIn(panel, look.layer).some((head) => weights[i].heads.includes(head));
  if (form === "lines" && look.combine === "each" && panels.some(isOff)) said.unshift("Its lines are dashed.");
  if (form === "lines" && !pins.length) {
    const { all, faintest } = floorOf({ model, rows: panels[0] ?? {} });
    if (all > faintest) said.push(`While all lines are shown, those below ${formatWeight(all)} are left out.`);
  }
  said.push(...leftOut(model, choice));
  if (look.special === "hidden") said.push("Special tokens are hidden, and with them the attention that they take.");
  if (differsInTokens(look, model.meta)) {
    said.push("The two models cut the text differently: their difference is of words, without special tokens.");
  }
  return said.join(" ");
}
