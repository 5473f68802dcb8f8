/** Where the columns of a neuron view are, in CSS pixels: label, key, query × key, score, weight. */

import { startsSentence } from "./head_layout.js";

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
 * @typedef {{x: number, width: number}} Column
 * @typedef {{width: number, height: number, row: number, text: number, middles: number[], label: Column, keys: Column,
 *   products: Column, score: Column, bar: Column, number: Column}} NeuronLayout
 */

/**
 * The layout of one panel; both strips are equally wide, so each product stands in the place of its key's element.
 *
 * @param {{segments: (number | null)[]}} rows
 * @param {{width: number, size: number, widest: (size: number) => number}} room  size: elements of a vector
 * @returns {NeuronLayout}
 */
export function neuronLayout({ segments }, { width, size, widest }) {
  const row = Math.min(Math.max(HEIGHT / Math.max(segments.length, 1), ROW.least), ROW.most);
  const text = Math.min(Math.max(row - 4, TEXT.least), TEXT.most);
  const label = Math.max(LABEL.least, Math.min(widest(text) + 2, width * LABEL.share));
  const left = width - label - SCORE - NUMBER - 4 * GAP;
  const bar = Math.min(Math.max(left * 0.16, BAR.least), BAR.most);
  const strip = Math.min((left - bar - GAP) / 2, size * CELL.most);
  const columns = columnsOf({ label, keys: strip, products: strip, score: SCORE, bar, number: NUMBER });
  let y = MARGIN - row / 2;
  const middles = segments.map((_, i) => (y += row + (startsSentence(segments, i) ? BREAK : 0)));
  return { width, height: Math.ceil(y + row / 2 + MARGIN), row, text, middles, ...columns };
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
 * The row under a point, wherever in it.
 *
 * @param {NeuronLayout} layout
 * @param {number} _x
 * @param {number} y
 * @returns {{side: "from", index: number} | null}
 */
export function hitToken({ row, middles }, _x, y) {
  const index = middles.findIndex((middle) => Math.abs(y - middle) <= row / 2);
  return index < 0 ? null : { side: "from", index };
}
