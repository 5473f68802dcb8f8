/**
 * Which part of a matrix is seen: a square window in shares of the whole, so that panels of other sizes see the same part.
 *
 * @typedef {{x: number, y: number, span: number}} Zoom  left, top and side of the window, 0 to 1
 */

/** A row is no lower than this at first, so that its label can be read; in CSS pixels. */
const READABLE = 13;
/** So few rows fill the window at most. */
const FEWEST = 6;

/**
 * The first window: all of a small matrix, or as much from the top left as can be read.
 *
 * @param {number} size  rows
 * @param {number} side  of the picture, in CSS pixels
 * @returns {Zoom}
 */
export function firstZoom(size, side) {
  const rows = Math.max(FEWEST, Math.floor(side / READABLE));
  return { x: 0, y: 0, span: Math.min(1, rows / Math.max(size, 1)) };
}

/**
 * The window made smaller (factor below 1) or larger around a point that stays where it is.
 *
 * @param {Zoom} zoom
 * @param {{x: number, y: number, factor: number, size: number}} by  x, y: of the point, in shares of the window
 * @returns {Zoom}
 */
export function zoomed({ x, y, span }, { x: across, y: down, factor, size }) {
  const next = Math.min(1, Math.max(span * factor, Math.min(1, FEWEST / Math.max(size, 1))));
  return inside({ x: x + across * (span - next), y: y + down * (span - next), span: next });
}

/**
 * The window moved by shares of itself.
 *
 * @param {Zoom} zoom
 * @param {number} across
 * @param {number} down
 * @returns {Zoom}
 */
export function panned({ x, y, span }, across, down) {
  return inside({ x: x + across * span, y: y + down * span, span });
}

/**
 * The window moved as little as needed so that it holds a cell.
 *
 * @param {Zoom} zoom
 * @param {{row: number, column: number, size: number}} cell
 * @returns {Zoom}
 */
export function revealing({ x, y, span }, { row, column, size }) {
  const moved = (start, at) => Math.min(Math.max(start, (at + 1) / size - span), at / size);
  return inside({ x: moved(x, column), y: moved(y, row), span });
}

/**
 * The window centred on a point of the whole.
 *
 * @param {Zoom} zoom
 * @param {number} x
 * @param {number} y
 * @returns {Zoom}
 */
export function centred({ span }, x, y) {
  return inside({ x: x - span / 2, y: y - span / 2, span });
}

function inside({ x, y, span }) {
  const clamp = (start) => Math.min(Math.max(start, 0), 1 - span);
  return { x: clamp(x), y: clamp(y), span };
}
