/** Where the columns of a neuron view are, in CSS pixels: label, key, query × key, score, weight. */

import { moved } from "./keyboard.js";

const HEIGHT = 720;
const ROW = { least: 13, most: 22 };
const TEXT = { least: 10, most: 13 };
const LABEL = { least: 30, share: 0.24 };
const GAP = 8;
const SCORE = 46;
const NUMBER = 38;
const BAR = { least: 14, most: 140 };
const CELL = { most: 11 };
const MARGIN = 4;
const BREAK = 6;

/**
 * order: the rows that are shown, from the top; middles: how high each of them stands; breaks: whether a sentence starts
 * there; part of a row: the element of its vectors.
 *
 * @typedef {{x: number, width: number}} Column
 * @typedef {{width: number, height: number, row: number, text: number, size: number, order: number[],
 *   middles: number[], breaks: boolean[], label: Column, keys: Column, products: Column, score: Column, bar: Column,
 *   number: Column}} NeuronLayout
 */

/**
 * The layout of one panel; both strips are equally wide, so each product stands in the place of its key's element.
 *
 * @param {{segments: (number | null)[]}} rows
 * @param {{width: number, size: number, order: number[], widest: (size: number) => number}} room  size: elements of a
 *   vector
 * @returns {NeuronLayout}
 */
export function neuronLayout({ segments }, { width, size, order, widest }) {
  const row = Math.min(Math.max(HEIGHT / Math.max(order.length, 1), ROW.least), ROW.most);
  const text = Math.min(Math.max(row - 4, TEXT.least), TEXT.most);
  const label = Math.max(LABEL.least, Math.min(widest(text) + 2, width * LABEL.share));
  const left = width - label - SCORE - NUMBER - 4 * GAP;
  const bar = Math.min(Math.max(left * 0.16, BAR.least), BAR.most);
  const strip = Math.min((left - bar - GAP) / 2, size * CELL.most);
  const columns = columnsOf({ label, keys: strip, products: strip, score: SCORE, bar, number: NUMBER });
  const breaks = breaksOf(segments, order);
  let y = MARGIN - row / 2;
  const middles = breaks.map((isBreak) => (y += row + (isBreak ? BREAK : 0)));
  return { width, height: Math.ceil(y + row / 2 + MARGIN), row, text, size, order, middles, breaks, ...columns };
}

/** Where a sentence starts after another one; nowhere where the rows are not in the order of the text. */
function breaksOf(segments, order) {
  const isText = order.every((index, slot) => slot === 0 || index > order[slot - 1]);
  let before = null;
  return order.map((index) => {
    const segment = segments[index];
    const starts = isText && segment !== null && before !== null && segment !== before;
    before = segment ?? before;
    return starts;
  });
}

function columnsOf(widths) {
  let x = 0;
  return Object.fromEntries(
    Object.entries(widths).map(([name, width]) => {
      const column = { x, width };
      x += width + (name === "bar" ? 0 : GAP);
      return [name, column];
    }),
  );
}

/**
 * The row under a point, wherever in it, and the element of its vectors where the point is on one.
 *
 * @param {NeuronLayout} layout
 * @param {number} x
 * @param {number} y
 * @returns {{side: "from", index: number, part?: number} | null}
 */
export function hitToken(layout, x, y) {
  const { row, middles, order, keys, products, size } = layout;
  const slot = middles.findIndex((middle) => Math.abs(y - middle) <= row / 2);
  if (slot < 0) return null;
  const strip = [keys, products].find((column) => x >= column.x && x < column.x + column.width);
  const part = strip && Math.floor(((x - strip.x) / strip.width) * size);
  return { side: "from", index: order[slot], part };
}

/**
 * Where a row, or an element of it, is.
 *
 * @param {NeuronLayout} layout
 * @param {{index: number, part?: number}} at
 */
export function spotOf({ label, keys, size, row, order, middles }, { index, part }) {
  const x = part === undefined ? label.width : keys.x + ((part + 0.5) / size) * keys.width;
  return { x, y: middles[order.indexOf(index)], height: row };
}

/**
 * Where a key leads: up and down through the rows as they are shown, left and right through the elements of a row.
 *
 * @param {NeuronLayout} layout
 * @param {{side: "from" | "to", index: number, part?: number} | null} at
 * @param {string} key
 * @returns {{side: "from" | "to", index: number, part?: number} | null}
 */
export function walkTokens({ order, size }, at, key) {
  const slot = at ? order.indexOf(at.index) : -1;
  if (slot >= 0 && key === "ArrowRight") return { ...at, part: Math.min((at.part ?? -1) + 1, size - 1) };
  if (slot >= 0 && key === "ArrowLeft") return { ...at, part: at.part ? at.part - 1 : undefined };
  const to = moved(slot < 0 ? null : { side: "from", index: slot }, key, { count: order.length, sides: false });
  return to && { side: "from", index: order[to.index], part: at?.part };
}
