/** Paints a matrix of attention: the whole small in the corner, a part of it large, with the words left and above. */

import { css, mix } from "./colour.js";
import { headColour } from "./controls.js";
import { startsSentence } from "./head_layout.js";
import { drawnOf } from "./head_model.js";
import { LABEL, placeIn, zoomOf } from "./matrix_layout.js";
import { placeOf, rowsAt } from "./places.js";

/** Labels nearer than this are left out, but for the pinned and hovered ones. */
const LEAST_STEP = 11;

/**
 * @param {import("./pen.js").Pen} pen
 * @param {import("./canvas_view.js").Scene} scene
 */
export function paintMatrix(pen, scene) {
  const { layout } = scene;
  const { corner, side, size, map } = layout;
  if (!size) return;
  const zoom = zoomOf(scene);
  const image = imageOf(scene);
  const { context, theme } = pen;
  const [left, top, span] = [zoom.x * size, zoom.y * size, zoom.span * size];
  context.imageSmoothingEnabled = span > side;
  context.drawImage(image, left, top, span, span, corner, corner, side, side);
  context.imageSmoothingEnabled = size > map;
  context.drawImage(image, 0, 0, size, size, 0, 0, map, map);
  frame(pen, { x: corner, y: corner, width: side, height: side }, theme.border);
  frame(pen, { x: 0, y: 0, width: map, height: map }, theme.border);
  if (zoom.span < 1) {
    const window = { x: zoom.x * map, y: zoom.y * map, width: zoom.span * map, height: zoom.span * map };
    frame(pen, window, theme.focus, 1.5);
  }
  const marked = marksOf(scene);
  paintMarks(pen, scene, zoom, marked);
  paintLabels(pen, scene, zoom, marked);
}

/** Rows and columns that are pinned or pointed at, in this panel's own counting. */
function marksOf({ model, rows, choice }) {
  const at = (spots, side) => new Set(spots.filter((spot) => spot.side === side).flatMap(({ place }) => rowsAt(rows, place)));
  const { hover } = choice;
  const spots = hover ? [{ side: hover.side, place: hover.place }] : [];
  if (hover?.part !== undefined) spots.push({ side: "to", place: placeOf(model.panels[hover.panel], hover.part) });
  const echoed = rows.words.flatMap((word, i) => (word !== null && word === choice.echo ? [i] : []));
  return {
    pinned: { from: at(choice.pins, "from"), to: at(choice.pins, "to") },
    hovered: { from: new Set([...at(spots, "from"), ...echoed]), to: at(spots, "to") },
  };
}

function paintMarks({ context, theme }, { layout, rows }, zoom, { pinned, hovered }) {
  const { corner, side } = layout;
  context.save();
  context.beginPath();
  context.rect(corner, corner, side, side);
  context.clip();
  const band = (axis, index, stroke) => {
    const { start, step } = placeIn(layout, zoom, axis, index);
    const box = axis === "y" ? [corner, start, side, step] : [start, corner, step, side];
    context.strokeStyle = stroke;
    context.lineWidth = 1.5;
    context.strokeRect(...box);
  };
  rows.segments.forEach((_, i) => {
    if (!startsSentence(rows.segments, i)) return;
    for (const axis of ["x", "y"]) {
      const { start } = placeIn(layout, zoom, axis, i);
      context.fillStyle = css(theme.text, 0.35);
      if (axis === "y") context.fillRect(corner, start - 0.5, side, 1);
      else context.fillRect(start - 0.5, corner, 1, side);
    }
  });
  for (const [axis, name] of [["y", "from"], ["x", "to"]]) { // prettier-ignore
    for (const index of hovered[name]) band(axis, index, css(theme.text, 0.55));
    for (const index of pinned[name]) band(axis, index, css(theme.focus));
  }
  context.restore();
}

function paintLabels(pen, { layout, rows }, zoom, { pinned, hovered }) {
  const { corner, side } = layout;
  const { theme, context } = pen;
  for (const [axis, name] of [["y", "from"], ["x", "to"]]) { // prettier-ignore
    const { step } = placeIn(layout, zoom, axis, 0);
    const every = Math.max(1, Math.ceil(LEAST_STEP / step));
    rows.labels.forEach((label, i) => {
      const { start } = placeIn(layout, zoom, axis, i);
      const middle = start + step / 2;
      const isMarked = pinned[name].has(i) || hovered[name].has(i);
      if (middle < corner || middle > corner + side || !(isMarked || i % every === 0)) return;
      if (!isMarked && crowded(i, every, [...pinned[name], ...hovered[name]])) return;
      const rgb = pinned[name].has(i) ? theme.focus : rows.words[i] === null ? theme.muted : theme.text;
      const style = { size: LABEL.size, rgb, weight: isMarked ? 650 : 400, room: corner - 2 * LABEL.gap };
      if (axis === "y") pen.write(label, corner - LABEL.gap, middle, { ...style, align: "right" });
      else turned(context, middle, corner - LABEL.gap, () => pen.write(label, 0, 0, style));
    });
  }
}

/** Whether a label stands so near to a marked one that they would overlap. */
function crowded(index, every, marked) {
  return marked.some((other) => other !== index && Math.abs(other - index) < every);
}

function turned(context, x, y, write) {
  context.save();
  context.translate(x, y);
  context.rotate(-Math.PI / 2);
  write();
  context.restore();
}

function frame({ context }, { x, y, width, height }, rgb, line = 1) {
  context.strokeStyle = css(rgb);
  context.lineWidth = line;
  context.strokeRect(x, y, width, height);
}

/** The panel's picture, a pixel a cell, made once for what it shows. */
function imageOf(scene) {
  const { model, panel, choice, theme, layout } = scene;
  const key = `${choice.preview}|${theme.dark}|${css(theme.background)}`;
  const known = (model.images[panel] ??= new Map());
  if (!known.has(key)) known.set(key, draw(scene, layout.size));
  return known.get(key);
}

function draw(scene, size) {
  const { values, scale } = drawnOf(scene, { one: true });
  const { theme, rows } = scene;
  const canvas = new OffscreenCanvas(size, size);
  const context = canvas.getContext("2d");
  const image = context.createImageData(size, size);
  const tables = shadeTables(scene, theme, rows.signed);
  for (let i = 0; i < values.length; i += 1) {
    const table = values[i] < 0 ? tables.negative : tables.positive;
    const at = 3 * Math.round(255 * shadeOf(values[i], scale));
    image.data[4 * i] = table[at];
    image.data[4 * i + 1] = table[at + 1];
    image.data[4 * i + 2] = table[at + 2];
    image.data[4 * i + 3] = 255;
  }
  context.putImageData(image, 0, 0);
  return canvas;
}

/**
 * How dark a cell is, 0 to 1: the root of the weight's share of the scale, because most weights are small.
 *
 * @param {number} weight
 * @param {number} scale
 */
export function shadeOf(weight, scale) {
  return scale > 0 ? Math.sqrt(Math.min(1, Math.abs(weight) / scale)) : 0;
}

/** The colours of 256 shades. */
function shadeTables(scene, theme, signed) {
  const table = (rgb) => ramp(theme.background, rgb);
  if (signed) return { positive: table(theme.positive), negative: table(theme.negative) };
  const plain = table(matrixColour(scene));
  return { positive: plain, negative: plain };
}

function ramp(from, to) {
  const made = new Uint8ClampedArray(3 * 256);
  for (let i = 0; i < 256; i += 1) made.set(mix(from, to, i / 255), 3 * i);
  return made;
}

/** The colour of a matrix: its head's where it shows one, else the text's. */
export function matrixColour({ model, choice, theme }) {
  const alone = choice.preview ?? (model.heads.length === 1 ? model.heads[0] : null);
  return alone === null ? theme.text : headColour(alone, model.meta, theme);
}
