/** Paints a head view: lines first, then the words on both sides. */

import { css } from "./colour.js";
import { headColour } from "./controls.js";
import { GUTTER, headOffsets, startsSentence } from "./head_layout.js";
import { between, bucketLines, scopeOf } from "./head_lines.js";
import { drawnOf, floorOf } from "./head_model.js";
import { formatFixed } from "./numbers.js";
import { offIn } from "./off.js";
import { opacityOf, STEPS } from "./opacity.js";
import { rowsAt } from "./places.js";

/** Of the pinned row's other lines, while a pair is looked at. */
const ASIDE = 0.14;
/** How the lines of a head that is switched off are dashed. */
const DASH = [5, 4];
export const SIDES_HEIGHT = 18;

/**
 * @param {import("./pen.js").Pen} pen
 * @param {import("./canvas_view.js").Scene} scene
 */
export function paintHeads(pen, scene) {
  const { rows, choice } = scene;
  const scope = scopeOf(rows, choice);
  const touched = paintLines(pen, scene, scope);
  if (scope.mode === "pair") paintLines(pen, scene, scopeOf(rows, { pins: choice.pins, hover: null }), ASIDE);
  paintCells(pen, scene, scope);
  paintSide(pen, scene, "from", scope.from ?? touched.from);
  paintSide(pen, scene, "to", scope.to ?? touched.to);
}

/**
 * Names the two columns.
 *
 * @param {import("./pen.js").Pen} pen
 * @param {import("./canvas_view.js").Scene} scene
 */
export function paintSides(pen, { layout, theme }) {
  const style = { size: 11, rgb: theme.muted };
  const y = SIDES_HEIGHT / 2;
  if (layout.kind === "matrix") {
    pen.write("to →", layout.corner, y, style);
    pen.write("from ↓", 0, y, style);
    return;
  }
  pen.write("from", layout.left - GUTTER, y, { ...style, align: "right" });
  pen.write("to", layout.right + GUTTER, y, style);
  if (layout.cells?.mean) pen.write("mean", layout.cells.mean, y, { ...style, align: "right" });
}

/** The lines in scope, those below 0 in another colour; returns the rows that they touch. */
function paintLines(pen, scene, scope, share = 1) {
  const touched = { from: new Set(), to: new Set() };
  for (const sign of scene.rows.signed ? [-1, 1] : [1]) paintSign(pen, scene, { scope, share, sign, touched });
  return touched;
}

function paintSign({ context }, scene, { scope, share, sign, touched }) {
  const { model, panel, layout } = scene;
  const { size } = model.weights[panel];
  const { values, heads, scale } = drawnOf(scene);
  const floor = scope.mode === "all" ? floorOf(scene).all : floorOf(scene).faintest;
  const { starts, pairs } = bucketLines(values, size, { heads, scope, scale, floor, sign });
  const offsets = headOffsets(heads.length, layout.row);
  const dashed = drawnOf(scene).name === null ? offIn(scene.rows, model.look.layer) : [];
  context.lineWidth = scope.mode === "all" && heads.length > 1 ? 1 : lineWidth(layout.row, heads.length);
  for (let bucket = 0; bucket < STEPS * heads.length; bucket += 1) {
    if (starts[bucket] === starts[bucket + 1]) continue;
    const place = bucket % heads.length;
    const rgb = lineColour(scene, heads[place], sign);
    context.strokeStyle = css(rgb, share * opacityOf(Math.floor(bucket / heads.length)));
    context.setLineDash(dashed.includes(heads[place]) ? DASH : []);
    context.beginPath();
    for (let i = starts[bucket]; i < starts[bucket + 1]; i += 1) {
      const [from, to] = [Math.floor(pairs[i] / size), pairs[i] % size];
      context.moveTo(layout.left, layout.middles[from] + offsets[place]);
      context.lineTo(layout.right, layout.middles[to] + offsets[place]);
      touched.from.add(from);
      touched.to.add(to);
    }
    context.stroke();
  }
  context.setLineDash([]);
}

/** A head's colour, the text's for heads combined, and in a difference the sign's. */
function lineColour(scene, head, sign) {
  const { rows, theme, model } = scene;
  if (rows.signed) return sign < 0 ? theme.negative : theme.positive;
  return drawnOf(scene).name === null ? headColour(head, model.meta, theme) : theme.text;
}

/** The weights of the pinned row, or of a hovered one on its side: a cell for each head, and their mean. */
function paintCells(pen, scene, scope) {
  const { model, panel, layout, choice, theme } = scene;
  if (!layout.cells || !(scope.mode === choice.pin.side || scope.mode === "pair")) return;
  const rows = scope[choice.pin.side];
  const { size } = model.weights[panel];
  const { values, heads, scale } = drawnOf(scene);
  const { x, width, mean } = layout.cells;
  layout.middles.forEach((y, other) => {
    const where = choice.pin.side === "from" ? { from: rows, to: [other] } : { from: [other], to: rows };
    let sum = 0;
    for (const [place, head] of heads.entries()) {
      const weight = between(values, size, { head, ...where });
      const rgb = lineColour(scene, head, Math.sign(weight));
      const alpha = scale > 0 ? Math.min(1, Math.abs(weight) / scale) : 0;
      pen.box(x + place * width, y - layout.row / 2 + 1, width, layout.row - 2, { rgb, alpha, radius: 0 });
      sum += weight;
    }
    if (mean) {
      const text = formatFixed(sum / heads.length, 2);
      pen.write(text, mean, y, { size: layout.text - 1.5, rgb: theme.muted, align: "right" });
    }
  });
}

function lineWidth(row, count) {
  return Math.min(2, Math.max(1.25, (row * 0.72) / count));
}

function paintSide(pen, scene, side, lively) {
  const { rows, layout, choice, theme } = scene;
  const pinned = new Set(choice.pins.flatMap(({ place }) => rowsAt(rows, place)));
  const hovered = new Set(choice.hover?.side === side ? rowsAt(rows, choice.hover.place) : []);
  const live = new Set(lively);
  rows.labels.forEach((label, i) => {
    const y = layout.middles[i];
    const [edge, align] = side === "from" ? [layout.left - GUTTER, "right"] : [layout.right + GUTTER, "left"];
    const start = side === "from" ? edge - layout.room : edge - 2;
    const echoed = rows.words[i] !== null && rows.words[i] === choice.echo;
    if (hovered.has(i) || echoed) {
      pen.box(start, y - layout.row / 2, layout.room + 2, layout.row, { rgb: theme.text, alpha: 0.1 });
    }
    const isPinned = pinned.has(i);
    pen.write(label, edge, y, {
      size: layout.text,
      rgb: isPinned ? theme.focus : live.has(i) && rows.words[i] !== null ? theme.text : theme.muted,
      weight: isPinned ? 650 : 400,
      alpha: isPinned || live.has(i) || rows.words[i] !== null ? 1 : 0.75,
      room: layout.room,
      align,
    });
    if (side === "from" && startsSentence(rows.segments, i)) paintBreak(pen, layout, y);
  });
}

function paintBreak({ context, theme }, { row, width }, y) {
  context.strokeStyle = css(theme.border);
  context.lineWidth = 1;
  context.beginPath();
  context.moveTo(0, y - row / 2 - 4);
  context.lineTo(width, y - row / 2 - 4);
  context.stroke();
}
