/** Paints a word graph: lines first, then the words, the darker the more the focus word looks at them. */

import { css, inkOn, mix } from "./colour.js";
import { depth } from "./depth.js";
import { isMiddle } from "./graph_layout.js";
import { focusRow, nodeScales } from "./graph_model.js";
import { strokeLines } from "./graph_strokes.js";
import { Pen } from "./pen.js";
import { rowsAt } from "./places.js";

/** Lines that do not touch the hovered word, while one is hovered. */
const ASIDE = 0.2;

/**
 * @param {import("./pen.js").Pen} pen
 * @param {import("./canvas_view.js").Scene} scene
 */
export function paintGraph(pen, scene) {
  const { layout, rows, choice, view } = scene;
  const focus = focusRow(scene);
  const hovered = choice.hover ? rowsAt(rows, choice.hover.place)[0] : undefined;
  paintLines(pen, scene, { focus, hovered });
  const fills = fillsOf(scene, focus);
  const marks = rows.labels.map((_, index) => {
    const echoed = rows.words[index] === choice.echo && choice.echo !== null;
    return { index, fill: fills(index), focused: index === focus, marked: index === hovered || echoed };
  });
  if (layout.kind === "arc") {
    const isSeen = ({ index }) => layout.middles[index] >= view.top - layout.row && layout.middles[index] <= view.bottom + layout.row;
    for (const mark of marks.filter(isSeen)) paintBox(pen, scene, mark);
  } else {
    const last = ({ focused, marked }) => Number(focused) + 2 * Number(marked);
    for (const mark of marks.sort((a, b) => last(a) - last(b))) paintDot(pen, scene, mark);
  }
}

/**
 * The colour of each word: deeper for more attention from the focus word, or, in a comparison, blue for more and orange
 * for less in the second record.
 */
function fillsOf({ model, panel, rows, theme, choice }, focus) {
  const { values, size } = model.weights[panel];
  const scales = nodeScales(model, choice);
  const scale = rows.signed ? scales.difference : scales.weight;
  return (index) => {
    const share = focus === null || !scale ? 0 : values[focus * size + index] / scale;
    if (!rows.signed) return depth(share, theme, theme.positive);
    return differenceColour(share, theme);
  };
}

/**
 * The colour of a difference, -1 to 1.
 *
 * @param {number} share
 * @param {import("./theme.js").Theme} theme
 */
export function differenceColour(share, { background, positive, negative }) {
  return mix(background, share < 0 ? negative : positive, Math.abs(share));
}

/** All lines, kept as a picture while only the hovered word changes; of those only its own are then at full strength. */
function paintLines(pen, scene, { focus, hovered }) {
  const { layout, model, panel, view } = scene;
  const { context } = pen;
  const picture = pictureOf(pen, scene, focus);
  context.save();
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.globalAlpha = hovered === undefined ? 1 : ASIDE;
  context.drawImage(picture, 0, 0);
  context.restore();
  if (hovered === undefined) return;
  const own = model.lines[panel].filter(({ from, to }) => from === hovered || to === hovered);
  strokeLines(pen, layout, own, { scale: model.scale, focus, view });
}

/** The last picture of each layout's lines. */
const pictures = new WeakMap();

function pictureOf({ context, theme }, { layout, model, panel, view }, focus) {
  const { width, height } = context.canvas;
  const key = [model, focus, theme, width, height, view.top, view.bottom];
  const known = pictures.get(layout);
  if (known && known.key.every((part, i) => part === key[i])) return known.picture;
  const picture = known?.picture ?? new OffscreenCanvas(width, height);
  [picture.width, picture.height] = [width, height]; // clears it, too
  const inner = picture.getContext("2d");
  inner.setTransform(context.getTransform());
  strokeLines(new Pen(inner, theme), layout, model.lines[panel], { scale: model.scale, focus, view });
  pictures.set(layout, { key, picture });
  return picture;
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
  const radius = focused || marked ? Math.max(layout.dot, 4) : layout.dot;
  const circle = () => context.arc(at.x, at.y, radius, 0, 2 * Math.PI);
  context.fillStyle = css(fill);
  context.beginPath();
  circle();
  context.fill();
  const rim = focused || marked ? 2 : Math.min(1, layout.dot / 4);
  outline(pen, circle, focused ? theme.focus : marked ? theme.text : theme.border, rim);
  if (!layout.labelled[index] && !marked) return;
  const style = {
    size: layout.text,
    rgb: focused ? theme.focus : theme.text,
    weight: focused || marked ? 650 : 400,
    room: isMiddle(at) ? layout.radius : layout.room,
  };
  if (isMiddle(at)) paintMiddle(pen, rows.labels[index], at, style);
  else paintRadial(pen, layout, at, { label: rows.labels[index], style, plate: marked });
}

/** A label that points outwards; on a plate it can be read over others. */
function paintRadial(pen, layout, at, { label, style, plate }) {
  const { context, theme } = pen;
  const left = at.across < -1e-9;
  const out = layout.dot + layout.gap;
  context.save();
  context.translate(at.x + out * at.across, at.y - out * at.up);
  context.rotate(Math.atan2(-at.up, at.across) + (left ? Math.PI : 0));
  if (plate) {
    const width = Math.min(pen.width(label, style.size, style.weight), style.room) + 4;
    const [height, x] = [style.size + 4, left ? -width + 2 : -2];
    pen.box(x, -height / 2, width, height, { rgb: theme.background, alpha: 0.92 });
  }
  pen.write(label, 0, 0, { ...style, align: left ? "right" : "left" });
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
