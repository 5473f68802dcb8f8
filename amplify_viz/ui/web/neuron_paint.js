/** Paints a neuron view: the query above, and a row a token with its key, the products, their sum and the weight. */

import { css, inkOn, mix } from "./colour.js";
import { startsSentence } from "./head_layout.js";
import { formatFixed } from "./numbers.js";
import { rowsAt } from "./places.js";

/** Above the rows: the query, and what the columns are. */
export const HEAD = { height: 46, query: 11, captions: 36, strip: 14 };

/**
 * The token whose query is shown: the pinned one, or the first token of the pinned word; null where the panel has none.
 *
 * @param {import("./canvas_view.js").Scene} scene
 * @returns {number | null}
 */
export function queryRow({ rows, choice }) {
  return rowsAt(rows, choice.pin.place)[0] ?? null;
}

/**
 * Elementwise products of a token's query with each key, [key, dim].
 *
 * @param {Float32Array} queries  [query, dim]
 * @param {Float32Array} keys  [key, dim]
 * @param {number} size  elements of a vector
 * @param {number} query
 * @returns {Float32Array}
 */
export function products(queries, keys, size, query) {
  return keys.map((key, i) => key * queries[query * size + (i % size)]);
}

/**
 * @param {import("./pen.js").Pen} pen
 * @param {import("./canvas_view.js").Scene} scene
 */
export function paintQuery(pen, scene) {
  const { rows, layout, theme, model, panel } = scene;
  const query = queryRow(scene);
  if (query === null) return;
  const { queries, size } = model.heads[panel];
  const { keys, products: product, score, number, label } = layout;
  const style = { size: 11, rgb: theme.muted };
  pen.write(rows.labels[query], label.x + label.width, HEAD.query, {
    size: layout.text, rgb: theme.focus, weight: 650, align: "right", room: label.width,
  }); // prettier-ignore
  const strip = stripOf(queries.subarray(query * size, (query + 1) * size), size, model.meta.scales.vector, theme);
  drawRow(pen, strip, 0, keys, HEAD.query, HEAD.strip);
  pen.write("query q", product.x, HEAD.query, style);
  pen.write("key k", keys.x, HEAD.captions, style);
  pen.write("q × k", product.x, HEAD.captions, style);
  pen.write(rows.by_root ? "q·k/√d" : "scaled q·k", score.x + score.width, HEAD.captions, { ...style, align: "right" });
  pen.write("softmax", number.x + number.width, HEAD.captions, { ...style, align: "right" });
}

/**
 * @param {import("./pen.js").Pen} pen
 * @param {import("./canvas_view.js").Scene} scene
 */
export function paintNeurons(pen, scene) {
  const { rows, layout, theme, model, panel, choice } = scene;
  const query = queryRow(scene);
  if (query === null) {
    pen.write("No token for the focus word.", 0, layout.middles[0] ?? 10, { size: 12, rgb: theme.muted });
    return;
  }
  const { queries, keys, size } = model.heads[panel];
  const { vector, product } = model.meta.scales;
  const strips = {
    keys: stripOf(keys, size, vector, theme),
    products: stripOf(products(queries, keys, size, query), size, product, theme),
  };
  const pinned = new Set(rowsAt(rows, choice.pin.place));
  const hovered = new Set(choice.hover ? rowsAt(rows, choice.hover.place) : []);
  rows.labels.forEach((label, i) => {
    const y = layout.middles[i];
    const isPinned = pinned.has(i);
    const echoed = rows.words[i] !== null && rows.words[i] === choice.echo;
    if (hovered.has(i) || echoed) paintHover(pen, layout, y);
    if (startsSentence(rows.segments, i)) pen.box(0, y - layout.row / 2 - 3.5, layout.width, 1, { rgb: theme.border });
    pen.write(label, layout.label.width, y, {
      size: layout.text,
      rgb: isPinned ? theme.focus : rows.words[i] === null ? theme.muted : theme.text,
      weight: isPinned ? 650 : 400,
      room: layout.label.width,
      align: "right",
    });
    drawRow(pen, strips.keys, i, layout.keys, y, layout.row - 2);
    drawRow(pen, strips.products, i, layout.products, y, layout.row - 2);
    paintNumbers(pen, scene, query, i);
  });
}

function paintHover(pen, { width, row }, y) {
  pen.box(0, y - row / 2, width, row, { rgb: pen.theme.text, alpha: 0.1 });
}

function paintNumbers(pen, { layout, theme, model, panel }, query, key) {
  const { scores, weights, masked, count } = model.heads[panel];
  const { scales } = model.meta;
  const at = query * count + key;
  const { score, bar, number, row, text } = layout;
  const y = layout.middles[key];
  const size = text - 1;
  if (masked[at]) {
    pen.write("masked", score.x + score.width, y, { size, rgb: theme.muted, align: "right" });
  } else {
    const filled = shade(scores[at], scales.score, theme);
    pen.box(score.x, y - row / 2 + 1, score.width, row - 2, { rgb: filled, radius: 2 });
    pen.write(formatFixed(scores[at], 2), score.x + score.width - 4, y, { size, rgb: inkOn(filled), align: "right" });
  }
  const width = scales.weight ? (weights[at] / scales.weight) * bar.width : 0;
  pen.box(bar.x, y - row / 2 + 2, width, row - 4, { rgb: theme.positive, alpha: 0.75, radius: 1 });
  const shown = formatFixed(weights[at], 3);
  pen.write(shown, number.x + number.width, y, { size, rgb: theme.text, align: "right" });
}

/** The colour of a signed value: blue above zero, orange below, the page's own at zero, full at the limit. */
export function shade(value, limit, { positive, negative, background }) {
  return mix(background, value < 0 ? negative : positive, limit ? Math.min(1, Math.abs(value) / limit) : 0);
}

/** A picture of signed numbers, a pixel each, `size` in a row. */
function stripOf(values, size, limit, theme) {
  const canvas = new OffscreenCanvas(size, Math.max(values.length / size, 1));
  const context = canvas.getContext("2d");
  const image = context.createImageData(canvas.width, canvas.height);
  values.forEach((value, i) => image.data.set([...shade(value, limit, theme), 255], 4 * i));
  context.putImageData(image, 0, 0);
  return canvas;
}

function drawRow({ context, theme }, strip, row, { x, width }, y, height) {
  context.imageSmoothingEnabled = width < strip.width;
  context.drawImage(strip, 0, row, strip.width, 1, x, y - height / 2, width, height);
  context.strokeStyle = css(theme.border);
  context.lineWidth = 0.5;
  context.strokeRect(x, y - height / 2, width, height);
}
