/** Paints the lines of a word graph, many at a stroke. */

import { css, mix } from "./colour.js";
import { curveOf, reachOf } from "./graph_layout.js";
import { opacityOf, STEPS, stepOf } from "./opacity.js";

/** A cubic curve goes this share of the way to its two control points, where they are as far out. */
const CUBIC = 0.75;
/** Arrowheads by the size of dots. */
const ARROW = { least: 3, most: 6, half: 0.37 };
/** In a comparison the kind says more than the strength, so even a faint line has so much of its colour. */
const FAINT = { shared: 0.15, a: 0.6, b: 0.6 };
/** Width of lines, more where only one of two records has them and where they come from the focus word. */
const WIDTH = { usual: 1, alone: 0.5, focus: 1 };

/** How lines of each kind are dashed: none, dashes, dots. */
export const DASHES = { shared: [], a: [7, 4], b: [1.5, 2.5] };

/** The colour of lines between other words than the focus word, at the end of the scale. */
export function lineColour({ background, text }) {
  return mix(background, text, 0.55);
}

/**
 * The colour of a line of a comparison: neutral where both have it, else that of the sign of b − a.
 *
 * @param {import("./graph_lines.js").Kind} kind
 * @param {import("./theme.js").Theme} theme
 */
export function kindColour(kind, theme) {
  return { shared: lineColour(theme), a: theme.negative, b: theme.positive }[kind];
}

/**
 * Strokes lines, the faint ones first, then those that only one of two records has, and those from the focus word last.
 *
 * @param {import("./pen.js").Pen} pen
 * @param {any} layout
 * @param {import("./graph_lines.js").Line[]} lines
 * @param {{scale: number, focus: number | null, view: {top: number, bottom: number}}} choice
 */
export function strokeLines(pen, layout, lines, { scale, focus, view }) {
  const { context, theme } = pen;
  const seen = lines.filter((line) => isSeen(line, layout, view));
  for (const { step, isFocus, kind, lines: some } of bundled(seen, scale, focus)) {
    const least = FAINT[kind] ?? 0;
    const alpha = least + (1 - least) * opacityOf(step);
    const rgb = kind ? kindColour(kind, theme) : isFocus ? theme.focus : lineColour(theme);
    context.strokeStyle = context.fillStyle = css(rgb, alpha);
    const isAlone = kind === "a" || kind === "b";
    context.lineWidth = WIDTH.usual + (isAlone ? WIDTH.alone : 0) + (isFocus ? WIDTH.focus : 0);
    context.setLineDash(DASHES[kind] ?? []);
    const draw = layout.kind === "arc" ? arcs(layout, some) : curves(layout, some);
    context.stroke(draw.lines);
    if (draw.tips) context.fill(draw.tips);
  }
  context.setLineDash([]);
}

/** Whether a line passes heights that are seen; rings are seen whole. */
function isSeen({ from, to }, layout, { top, bottom }) {
  if (layout.kind !== "arc") return true;
  const [one, other] = [layout.middles[from], layout.middles[to]];
  return Math.max(one, other) >= top && Math.min(one, other) <= bottom;
}

/** The lines that look alike, in the order in which they are drawn. */
function bundled(lines, scale, focus) {
  const bundles = new Map();
  for (const line of lines) {
    const [step, isFocus] = [stepOf(line.weight, scale), line.from === focus];
    const isAlone = line.kind === "a" || line.kind === "b";
    const key = `${Number(isFocus)} ${Number(isAlone)} ${String(step).padStart(String(STEPS).length)} ${line.kind}`;
    if (!bundles.has(key)) bundles.set(key, { key, step, isFocus, kind: line.kind, lines: [] });
    bundles.get(key).lines.push(line);
  }
  return [...bundles.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
}

function arcs(layout, lines) {
  const path = new Path2D();
  for (const { from, to } of lines) {
    const [start, end] = [layout.middles[from], layout.middles[to]];
    const x = end > start ? layout.right : layout.left;
    const control = x + reachOf(end - start, layout) / CUBIC;
    path.moveTo(x, start);
    path.bezierCurveTo(control, start, control, end, x, end);
  }
  return { lines: path };
}

function curves(layout, lines) {
  const [path, tips] = [new Path2D(), new Path2D()];
  for (const { from, to } of lines) {
    const [start, control, end] = curveOf(layout.dots[from], layout.dots[to], layout);
    path.moveTo(start.x, start.y);
    path.quadraticCurveTo(control.x, control.y, end.x, end.y);
    addTip(tips, control, end, Math.min(Math.max(layout.dot, ARROW.least), ARROW.most));
  }
  return { lines: path, tips };
}

function addTip(path, control, end, length) {
  const distance = Math.hypot(end.x - control.x, end.y - control.y) || 1;
  const [dx, dy] = [(end.x - control.x) / distance, (end.y - control.y) / distance];
  const base = { x: end.x - length * dx, y: end.y - length * dy };
  const half = ARROW.half * length;
  path.moveTo(end.x, end.y);
  path.lineTo(base.x - half * dy, base.y + half * dx);
  path.lineTo(base.x + half * dy, base.y - half * dx);
  path.closePath();
}
