/** Paints a word graph: lines first, then the words, the darker the more the focus word looks at them. */

import { css, inkOn, mix } from "./colour.js";
import { depth } from "./depth.js";
import { curveOf, isMiddle, reachOf } from "./graph_layout.js";
import { opacityOf, stepOf } from "./opacity.js";
import { rowsAt } from "./places.js";

/** Lines that do not touch the hovered word, while one is hovered. */
const ASIDE = 0.12;
/** A cubic curve goes this share of the way to its two control points, where they are as far out. */
const CUBIC = 0.75;
const ARROW = { length: 6, half: 2.2 };

/**
 * The row of the word that is in focus, or null where the panel has none.
 *
 * @param {import("./canvas_view.js").Scene} scene
 * @returns {number | null}
 */
export function focusRow({ rows, choice }) {
  return rowsAt(rows, choice.pin.place)[0] ?? null;
}

/**
 * The lines of a panel: pairs of different words with at least the floor's weight, the faintest first and those from
 * the focus word last.
 *
 * @param {Float32Array} weights  [word that looks, word looked at]
 * @param {number} size
 * @param {{floor: number, focus: number | null}} choice
 * @returns {{from: number, to: number, weight: number}[]}
 */
export function linesOf(weights, size, { floor, focus }) {
  const lines = [];
  for (let from = 0; from < size; from += 1) {
    for (let to = 0; to < size; to += 1) {
      const weight = weights[from * size + to];
      if (from !== to && weight > 0 && weight >= floor) lines.push({ from, to, weight });
    }
  }
  return lines.sort((a, b) => (a.from === focus) - (b.from === focus) || a.weight - b.weight);
}

/** The colour of lines between other words than the focus word, at the end of the scale. */
export function lineColour({ background, text }) {
  return mix(background, text, 0.55);
}

/**
 * @param {import("./pen.js").Pen} pen
 * @param {import("./canvas_view.js").Scene} scene
 */
export function paintGraph(pen, scene) {
  const { layout, model, panel, rows, choice } = scene;
  const { values, size } = model.weights[panel];
  const focus = focusRow(scene);
  const hovered = choice.hover ? rowsAt(rows, choice.hover.place)[0] : undefined;
  for (const line of linesOf(values, size, { floor: model.floor, focus })) {
    const touches = hovered === undefined || line.from === hovered || line.to === hovered;
    const alpha = opacityOf(stepOf(line.weight, model.meta.scale)) * (touches ? 1 : ASIDE);
    const colour = css(line.from === focus ? pen.theme.focus : lineColour(pen.theme), alpha);
    pen.context.lineWidth = line.from === focus ? 2 : 1;
    if (layout.kind === "arc") paintArc(pen, layout, line, colour);
    else paintCurve(pen, layout, line, colour);
  }
  rows.labels.forEach((_, index) => {
    const share = focus === null || !model.meta.scale ? 0 : values[focus * size + index] / model.meta.scale;
    const marked = index === hovered || (rows.words[index] !== null && rows.words[index] === choice.echo);
    const word = { index, fill: depth(share, pen.theme, pen.theme.positive), focused: index === focus, marked };
    if (layout.kind === "arc") paintBox(pen, scene, word);
    else paintDot(pen, scene, word);
  });
}

function paintArc({ context }, layout, { from, to }, colour) {
  const [start, end] = [layout.middles[from], layout.middles[to]];
  const x = end > start ? layout.right : layout.left;
  const control = x + reachOf(end - start, layout) / CUBIC;
  context.strokeStyle = colour;
  context.beginPath();
  context.moveTo(x, start);
  context.bezierCurveTo(control, start, control, end, x, end);
  context.stroke();
}

function paintCurve({ context }, layout, { from, to }, colour) {
  const [start, control, end] = curveOf(layout.dots[from], layout.dots[to], layout);
  context.strokeStyle = colour;
  context.beginPath();
  context.moveTo(start.x, start.y);
  context.quadraticCurveTo(control.x, control.y, end.x, end.y);
  context.stroke();
  const length = Math.hypot(end.x - control.x, end.y - control.y) || 1;
  const [dx, dy] = [(end.x - control.x) / length, (end.y - control.y) / length];
  const base = { x: end.x - ARROW.length * dx, y: end.y - ARROW.length * dy };
  context.fillStyle = colour;
  context.beginPath();
  context.moveTo(end.x, end.y);
  context.lineTo(base.x - ARROW.half * dy, base.y + ARROW.half * dx);
  context.lineTo(base.x + ARROW.half * dy, base.y - ARROW.half * dx);
  context.fill();
}

function paintBox(pen, { rows, layout }, { index, fill, focused, marked }) {
  const { left, right, row, middles, text } = layout;
  const { theme } = pen;
  const [y, width] = [middles[index] - row / 2 + 1, right - left];
  pen.box(left, y, width, row - 2, { rgb: fill });
  const edge = () => pen.context.roundRect(left, y, width, row - 2, 3);
  if (focused || marked) outline(pen, edge, focused ? theme.focus : theme.text);
  pen.write(rows.labels[index], (left + right) / 2, middles[index], {
    size: text,
    rgb: inkOn(fill),
    weight: focused ? 650 : 400,
    align: "center",
    room: width - 12,
  });
}

function paintDot(pen, { rows, layout }, { index, fill, focused, marked }) {
  const { context, theme } = pen;
  const at = layout.dots[index];
  const circle = () => context.arc(at.x, at.y, layout.dot, 0, 2 * Math.PI);
  context.fillStyle = css(fill);
  context.beginPath();
  circle();
  context.fill();
  outline(pen, circle, focused ? theme.focus : marked ? theme.text : theme.border, focused || marked ? 2 : 1);
  const style = {
    size: layout.text,
    rgb: focused ? theme.focus : theme.text,
    weight: focused || marked ? 650 : 400,
    room: layout.room,
  };
  if (isMiddle(at)) {
    paintMiddle(pen, rows.labels[index], at, { ...style, room: layout.radius });
    return;
  }
  const left = at.across < -1e-9;
  const out = layout.dot + layout.gap;
  context.save();
  context.translate(at.x + out * at.across, at.y - out * at.up);
  context.rotate(Math.atan2(-at.up, at.across) + (left ? Math.PI : 0));
  pen.write(rows.labels[index], 0, 0, { ...style, align: left ? "right" : "left" });
  context.restore();
}

function paintMiddle(pen, label, at, style) {
  const width = Math.min(pen.width(label, style.size, style.weight), style.room);
  const y = at.y + style.size + 4;
  const under = { rgb: pen.theme.background, alpha: 0.85 };
  pen.box(at.x - width / 2 - 4, y - style.size / 2 - 2, width + 8, style.size + 4, under);
  pen.write(label, at.x, y, { ...style, align: "center" });
}

function outline({ context }, path, rgb, width = 2) {
  context.strokeStyle = css(rgb);
  context.lineWidth = width;
  context.beginPath();
  path();
  context.stroke();
}
