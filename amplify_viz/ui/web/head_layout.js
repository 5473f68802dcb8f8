/** Where the rows and lines of a head view are, in CSS pixels. */

/** Up to about sixty rows fit into this height; more of them scroll, and text never gets smaller. */
const HEIGHT = 720;
const ROW = { least: 12, most: 24 };
const TEXT = { least: 10, most: 13.5 };
const LABEL = { least: 30, share: 0.3 };
/** Between a label and the lines. */
export const GUTTER = 7;
const MARGIN = 6;
const BREAK = 8;

/** Beside the far column: a cell a head, then the mean, where a panel is wide enough. */
const CELL = { most: 5, all: 54, gap: 6 };
const MEAN = { width: 30, from: 400 };

/**
 * left, right: where lines begin and end; room: for a label; middles: y of each row; cells: where the pinned row's
 * weights stand beside the other column, a cell for each head from x on, and the edge at which their mean is aligned.
 *
 * @typedef {{x: number, width: number, mean: number | null}} Cells
 * @typedef {{width: number, height: number, row: number, text: number, left: number, right: number, room: number,
 *   middles: number[], cells: Cells | null}} HeadLayout
 */

/**
 * The layout of one panel.
 *
 * @param {{segments: (number | null)[]}} rows
 * @param {{width: number, side: "from" | "to" | null, count: number, widest: (size: number) => number}} room  side: of
 *   the pinned row; count: of heads; widest: width of the widest label at a text size
 * @returns {HeadLayout}
 */
export function headLayout({ segments }, { width, side, count, widest }) {
  const row = Math.min(Math.max(HEIGHT / Math.max(segments.length, 1), ROW.least), ROW.most);
  const text = Math.min(Math.max(row - 4, TEXT.least), TEXT.most);
  const aside = asideOf(width, side, count);
  const label = Math.max(LABEL.least, Math.min(widest(text) + 2, (width - aside.width) * LABEL.share - GUTTER));
  const start = side === "to" ? aside.width : 0;
  const end = width - (side === "from" ? aside.width : 0);
  const middles = middlesOf(segments, row);
  return {
    width,
    height: Math.ceil((middles.at(-1) ?? 0) + row / 2 + MARGIN),
    row,
    text,
    room: label,
    left: start + label + GUTTER,
    right: end - label - GUTTER,
    middles,
    cells: side && asideAt(side, width, aside),
  };
}

/** How wide the cells and the mean are together. */
function asideOf(width, side, count) {
  if (side === null) return { width: 0 };
  const cell = Math.min(CELL.most, CELL.all / count);
  const mean = width >= MEAN.from ? MEAN.width : 0;
  return { width: CELL.gap + count * cell + mean, cell, mean };
}

function asideAt(side, width, { width: all, cell, mean }) {
  if (side === "from") return { x: width - all + CELL.gap, width: cell, mean: mean ? width - 1 : null };
  return { x: mean, width: cell, mean: mean ? mean - CELL.gap : null };
}

function middlesOf(segments, row) {
  let y = MARGIN - row / 2;
  return segments.map((_, i) => (y += row + (startsSentence(segments, i) ? BREAK : 0)));
}

/**
 * Whether a row begins another sentence than the last one before it did.
 *
 * @param {(number | null)[]} segments
 * @param {number} index
 */
export function startsSentence(segments, index) {
  const before = segments.slice(0, index).findLast((segment) => segment !== null) ?? null;
  return segments[index] !== null && before !== null && segments[index] !== before;
}

/**
 * The row under a point: labels count, the lines between them do not.
 *
 * @param {HeadLayout} layout
 * @param {number} x
 * @param {number} y
 * @returns {{side: "from" | "to", index: number} | null}
 */
export function hitRow({ left, right, row, middles }, x, y) {
  const side = x <= left ? "from" : x >= right ? "to" : null;
  const index = middles.findIndex((middle) => Math.abs(y - middle) <= row / 2);
  return side === null || index < 0 ? null : { side, index };
}

/**
 * How far from a row's middle each head's lines begin, so that the heads of one pair lie side by side.
 *
 * @param {number} count
 * @param {number} row  height of a row
 * @returns {number[]}
 */
export function headOffsets(count, row) {
  return Array.from({ length: count }, (_, i) => ((i + 0.5) / count - 0.5) * row * 0.72);
}
