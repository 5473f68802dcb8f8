/** Paints all heads of a panel: small matrices from one picture that is made once, strips of a measure, marks. */

import { css, inkOn, mix } from "./colour.js";
import { chosenHead, sameHead } from "./model_data.js";
import { cellAt } from "./model_layout.js";

const ZERO = 128; // the byte of a difference of 0
const STEPS = 127; // on either side of it
const MOST_RATIO = 2;
const LEAST_NUMBER = 15; // pixels between two heads whose numbers can stand there
const FAINTEST = 0.1;

/**
 * @param {import("./pen.js").Pen} pen
 * @param {import("./canvas_view.js").Scene} scene
 */
export function paintModel(pen, scene) {
  const { model, layout, panel, rows, choice, view } = scene;
  const picture = pictureOf(scene);
  pen.context.imageSmoothingEnabled = false;
  layout.order.forEach((heads, layer) => {
    const y = layout.top + layer * layout.down;
    if (y > view.bottom || y + layout.down < view.top) return;
    for (const head of heads) {
      const at = cellAt(layout, layer, head);
      const { side } = layout;
      const [left, top] = [head * picture.side, layer * picture.side];
      pen.context.drawImage(picture.canvas, left, top, picture.side, picture.side, at.x, at.y, side, side);
      if (layout.strip) paintStrip(pen, scene, { layer, head }, at);
    }
  });
  paintFrames(pen, scene);
  strikeOut(pen, scene);
  paintAxes(pen, scene);
  const chosen = chosenHead(model, rows);
  if (chosen !== null) outline(pen, scene, chosen, { rgb: pen.theme.focus, line: 2 });
  const hovered = choice.hover ? sameHead(model.panels[choice.hover.panel], model.panels[panel], choice.hover.index) : null;
  if (hovered !== null) outline(pen, scene, hovered, { rgb: pen.theme.text, line: 2.5 });
}

function paintStrip(pen, { model, panel, layout, theme }, { layer, head }, { x, y }) {
  const value = model.values[panel]?.[layer]?.[head] ?? null;
  const rgb = value === null ? theme.background : markColour(shareOf(value, model.range), theme);
  pen.context.fillStyle = css(rgb);
  pen.context.fillRect(x, y - layout.strip, layout.side, layout.strip);
  if (!model.sorted || layout.across < LEAST_NUMBER) return;
  const ink = value === null ? theme.muted : inkOn(rgb);
  pen.write(String(head + 1), x + layout.side / 2, y - layout.strip / 2 + 0.5, { size: 10, rgb: ink, align: "center" });
}

/**
 * A measure between the least and the largest one, 0 to 1.
 *
 * @param {number} value
 * @param {{low: number, high: number}} range
 */
export function shareOf(value, { low, high }) {
  return high > low ? (value - low) / (high - low) : 1;
}

/**
 * The colour of a strip: faint for the least measure, full for the largest.
 *
 * @param {number} share
 * @param {import("./theme.js").Theme} theme
 */
export function markColour(share, { background, positive }) {
  return mix(background, positive, FAINTEST + (1 - FAINTEST) * share);
}

/** One thin frame around each matrix, all in one stroke. */
function paintFrames({ context, theme }, { layout }) {
  context.beginPath();
  layout.order.forEach((heads, layer) => {
    for (const head of heads) {
      const { x, y } = cellAt(layout, layer, head);
      context.rect(x - 0.5, y - 0.5, layout.side + 1, layout.side + 1);
    }
  });
  context.strokeStyle = css(theme.border);
  context.lineWidth = 1;
  context.stroke();
}

/** A stroke across each head that is switched off, with a rim so that it is seen on light cells and dark ones. */
function strikeOut({ context, theme }, { layout, rows }) {
  context.beginPath();
  for (const [layer, head] of rows.off ?? []) {
    const { x, y } = cellAt(layout, layer, head);
    context.moveTo(x, y + layout.side);
    context.lineTo(x + layout.side, y);
  }
  for (const [rgb, line] of [[theme.background, 4], [theme.focus, 2]]) { // prettier-ignore
    context.strokeStyle = css(rgb);
    context.lineWidth = line;
    context.stroke();
  }
}

function paintAxes(pen, { model, layout, rows, theme, choice, panel }) {
  const { left, top, across, down, strip, side } = layout;
  const { hover } = choice;
  const hovered = hover ? sameHead(model.panels[hover.panel], model.panels[panel], hover.index) : null;
  const [row, head] = hovered === null ? [null, null] : [Math.floor(hovered / rows.n_heads), hovered % rows.n_heads];
  const style = (marked) => ({ size: 11, rgb: marked ? theme.text : theme.muted, weight: marked ? 650 : 400 });
  pen.write(model.sorted ? "Heads, the most first" : "Head", left, 9, style(false));
  layout.order.forEach((_, layer) => {
    const middle = top + layer * down + strip + side / 2;
    pen.write(String(layer + 1), left - 8, middle, { ...style(layer === row), align: "right" });
  });
  pen.write("Layer", 0, top - 11, style(false));
  if (model.sorted) return;
  const every = Math.ceil(14 / across);
  for (let i = 0; i < rows.n_heads; i += 1) {
    if (i % every && i !== head) continue;
    pen.write(String(i + 1), left + i * across + side / 2, top - 11, { ...style(i === head), align: "center" });
  }
}

function outline({ context }, { layout, rows }, index, { rgb, line }) {
  const { x, y } = cellAt(layout, Math.floor(index / rows.n_heads), index % rows.n_heads);
  const { side, strip } = layout;
  context.strokeStyle = css(rgb);
  context.lineWidth = line;
  context.strokeRect(x - 1, y - strip - 1, side + 2, side + strip + 2);
}

/** @type {WeakMap<Uint8Array, {key: string, side: number, canvas: OffscreenCanvas}>} */
const pictures = new WeakMap();

/** The panel's picture with every head at the screen's sharpness, made once for its numbers, size and theme. */
function pictureOf({ model, panel, rows, layout, theme }) {
  const thumbs = model.thumbs[panel];
  const side = Math.max(1, Math.round(layout.side * Math.min(devicePixelRatio || 1, MOST_RATIO)));
  const colours = coloursOf(theme, rows.signed ? thumbs.scale / thumbs.full : null);
  const key = `${side}|${rows.signed}|${css(colours[0])}|${css(colours[ZERO])}|${css(colours.at(-1))}`;
  const known = pictures.get(thumbs.values);
  if (known?.key === key) return known;
  const made = { key, side, canvas: draw(thumbs, rows, { side, colours }) };
  pictures.set(thumbs.values, made);
  return made;
}

function draw({ values, rows: size }, { n_layers, n_heads, signed }, { side, colours }) {
  const canvas = new OffscreenCanvas(Math.max(1, n_heads * side), Math.max(1, n_layers * side));
  const context = canvas.getContext("2d");
  const image = context.createImageData(canvas.width, canvas.height);
  const pixels = new Uint32Array(image.data.buffer);
  const table = packed(colours);
  for (let at = 0; at < n_layers * n_heads; at += 1) {
    const cells = fitted(values.subarray(at * size * size, (at + 1) * size * size), size, { side, zero: signed ? ZERO : 0 });
    const corner = Math.floor(at / n_heads) * side * canvas.width + (at % n_heads) * side;
    for (let y = 0; y < side; y += 1) {
      const row = corner + y * canvas.width;
      for (let x = 0; x < side; x += 1) pixels[row + x] = table[cells[y * side + x]];
    }
  }
  context.putImageData(image, 0, 0);
  return canvas;
}

/** Colours as the four bytes of a pixel. */
function packed(colours) {
  return new Uint32Array(new Uint8ClampedArray(colours.flatMap((rgb) => [...rgb, 255])).buffer);
}

/**
 * A matrix of bytes in as many pixels as there are: repeated, or the one furthest from zero where several fall on one.
 *
 * @param {Uint8Array} values  [from, to]
 * @param {number} size  rows
 * @param {{side: number, zero: number}} target  side: in pixels; zero: the byte of a weight of 0
 * @returns {Uint8Array}  [side, side]
 */
export function fitted(values, size, { side, zero }) {
  const made = new Uint8Array(side * side).fill(zero);
  if (size === 0) return made;
  if (size <= side) {
    const from = Int32Array.from({ length: side }, (_, pixel) => Math.floor((pixel * size) / side));
    for (let y = 0; y < side; y += 1) {
      for (let x = 0; x < side; x += 1) made[y * side + x] = values[from[y] * size + from[x]];
    }
    return made;
  }
  const to = Int32Array.from({ length: size }, (_, row) => Math.floor((row * side) / size));
  for (let row = 0; row < size; row += 1) {
    for (let column = 0; column < size; column += 1) {
      const value = values[row * size + column];
      const at = to[row] * side + to[column];
      if (Math.abs(value - zero) > Math.abs(made[at] - zero)) made[at] = value;
    }
  }
  return made;
}

/**
 * The colour of each byte: of a record from the page to its text, of a difference from orange over the page to blue; the
 * root of the weight, because most weights are small.
 *
 * @param {import("./theme.js").Theme} theme
 * @param {number | null} most  of a difference, how deep the colour of the largest is, 0 to 1; null for a record
 * @returns {import("./colour.js").Rgb[]}
 */
export function coloursOf({ background, text, positive, negative }, most) {
  return Array.from({ length: 256 }, (_, byte) => {
    if (most === null) return mix(background, text, Math.sqrt(byte / 255));
    const share = Math.max(-1, (byte - ZERO) / STEPS);
    return mix(background, share < 0 ? negative : positive, Math.sqrt(Math.abs(share) * most));
  });
}
