/** Paints a neuron view: the query above, and a row a key with its vector, the products, their sum and the weight. */

import { css, inkOn, mix } from "./colour.js";
import { products, scoresOf } from "./neuron_math.js";
import { formatFixed } from "./numbers.js";
import { rowsAt } from "./places.js";

/** Above the rows: the query, and what the columns are. */
export const HEAD = { height: 46, query: 11, captions: 36, strip: 14 };
/** Colours of a strip are drawn in this many steps to either side of zero. */
const STEPS = 255;

/**
 * The token whose query is shown: the pinned one, or the first token of the pinned word; null where the panel has none.
 *
 * @param {{rows: import("./places.js").Rows, choice: import("./selection.js").Choice}} scene
 * @returns {number | null}
 */
export function queryRow({ rows, choice }) {
  return rowsAt(rows, choice.pin.place)[0] ?? null;
}

/** What the sum of the products is called. */
export function scoreName({ by_root: byRoot }) {
  return byRoot ? "q·k/√d" : "scaled q·k";
}

/** The same for several panels; a plain word where they differ. */
export function commonScoreName(panels) {
  const [name, ...others] = new Set(panels.map(scoreName));
  return others.length ? "score" : name;
}

/**
 * The query that all keys are compared with; it stays in sight.
 *
 * @param {import("./pen.js").Pen} pen
 * @param {import("./canvas_view.js").Scene} scene
 */
export function paintQuery(pen, scene) {
  const { rows, layout, theme, choice } = scene;
  const query = queryRow(scene);
  if (query === null) return;
  const { keys, products: product, score, number, label } = layout;
  const style = { size: 11, rgb: theme.muted };
  pen.write(rows.labels[query], label.x + label.width, HEAD.query, {
    size: layout.text, rgb: theme.focus, weight: 650, align: "right", room: label.width,
  }); // prettier-ignore
  drawRow(pen, stripsOf(scene, query).queries, query, keys, HEAD.query, HEAD.strip);
  const part = choice.hover?.part;
  if (part !== undefined) outline(pen, cellOf(layout, keys, part), HEAD.query, HEAD.strip);
  pen.write("query q", product.x, HEAD.query, style);
  pen.write("key k", keys.x, HEAD.captions, style);
  pen.write("q × k", product.x, HEAD.captions, style);
  pen.write(scoreName(rows), score.x + score.width, HEAD.captions, { ...style, align: "right" });
  pen.write("softmax", number.x + number.width, HEAD.captions, { ...style, align: "right" });
}

/**
 * The keys that are in sight.
 *
 * @param {import("./pen.js").Pen} pen
 * @param {import("./canvas_view.js").Scene} scene
 */
export function paintNeurons(pen, scene) {
  const { rows, layout, theme, choice, view } = scene;
  const query = queryRow(scene);
  if (query === null) {
    pen.write("No token for the focus word.", 0, 10, { size: 12, rgb: theme.muted });
    return;
  }
  const strips = stripsOf(scene, query);
  const pinned = new Set(rowsAt(rows, choice.pin.place));
  const hovered = new Set(choice.hover ? rowsAt(rows, choice.hover.place) : []);
  layout.order.forEach((key, slot) => {
    const y = layout.middles[slot];
    if (y + layout.row < view.top || y - layout.row > view.bottom) return;
    const echoed = rows.words[key] !== null && rows.words[key] === choice.echo;
    const isHovered = hovered.has(key);
    if (isHovered || echoed) pen.box(0, y - layout.row / 2, layout.width, layout.row, { rgb: theme.text, alpha: 0.1 });
    if (layout.breaks[slot]) pen.box(0, y - layout.row / 2 - 3.5, layout.width, 1, { rgb: theme.border });
    paintLabel(pen, scene, { key, y, isPinned: pinned.has(key) });
    drawRow(pen, strips.keys, key, layout.keys, y, layout.row - 2);
    drawRow(pen, strips.products, key, layout.products, y, layout.row - 2);
    if (isHovered && choice.hover.part !== undefined) {
      for (const strip of [layout.keys, layout.products]) {
        outline(pen, cellOf(layout, strip, choice.hover.part), y, layout.row - 2);
      }
    }
    paintNumbers(pen, scene, { query, key, y, score: strips.scores[key] });
  });
}

function paintLabel(pen, { rows, layout, theme }, { key, y, isPinned }) {
  pen.write(rows.labels[key], layout.label.width, y, {
    size: layout.text,
    rgb: isPinned ? theme.focus : rows.words[key] === null ? theme.muted : theme.text,
    weight: isPinned ? 650 : 400,
    room: layout.label.width,
    align: "right",
  });
}

function paintNumbers(pen, { layout, theme, model, panel }, { query, key, y, score }) {
  const { weights, masked, count } = model.heads[panel];
  const { scales } = model;
  const { score: column, bar, number, row, text } = layout;
  const at = query * count + key;
  const size = text - 1;
  if (masked?.[at]) {
    pen.write("masked", column.x + column.width, y, { size, rgb: theme.muted, align: "right" });
  } else {
    const filled = shade(score, scales.score, theme);
    pen.box(column.x, y - row / 2 + 1, column.width, row - 2, { rgb: filled, radius: 2 });
    pen.write(formatFixed(score, 2), column.x + column.width - 4, y, { size, rgb: inkOn(filled), align: "right" });
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

/** What was last painted of each head, for a hover changes none of it. */
const kept = new WeakMap();

/** A head's vectors and their products with a query as pictures, and the scores. */
function stripsOf({ model, panel, theme }, query) {
  const head = model.heads[panel];
  const known = kept.get(head);
  if (known?.query === query && known.theme === theme && known.scales === model.scales) return known;
  const { vector, product } = model.scales;
  const made = {
    query, theme, scales: model.scales,
    queries: stripOf(head.queries, head.size, vector, theme),
    keys: stripOf(head.keys, head.size, vector, theme),
    products: stripOf(products(head, query), head.size, product, theme),
    scores: scoresOf(head, query),
  }; // prettier-ignore
  kept.set(head, made);
  return made;
}

/** A picture of signed numbers, a pixel each, `size` in a row. */
function stripOf(values, size, limit, theme) {
  const canvas = new OffscreenCanvas(size, Math.max(values.length / size, 1));
  const context = canvas.getContext("2d");
  const image = context.createImageData(canvas.width, canvas.height);
  const shades = Array.from({ length: 2 * STEPS + 1 }, (_, i) => shade(i - STEPS, STEPS, theme).map(Math.round));
  values.forEach((value, i) => {
    const share = limit ? Math.min(Math.max(value / limit, -1), 1) : 0;
    const [red, green, blue] = shades[Math.round(share * STEPS) + STEPS];
    image.data[4 * i] = red;
    image.data[4 * i + 1] = green;
    image.data[4 * i + 2] = blue;
    image.data[4 * i + 3] = 255;
  });
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

function cellOf({ size }, { x, width }, part) {
  return { x: x + (part / size) * width, width: width / size };
}

function outline({ context, theme }, { x, width }, y, height) {
  context.strokeStyle = css(theme.text);
  context.lineWidth = 1.5;
  context.strokeRect(x - 0.5, y - height / 2 - 0.5, width + 1, height + 1);
}
