/**
 * Where the parts of a matrix are, in CSS pixels: labels left and above, the whole small in the corner, a part of it large.
 *
 * @typedef {import("./matrix_zoom.js").Zoom} Zoom
 * @typedef {{kind: "matrix", width: number, height: number, corner: number, side: number, size: number, map: number,
 *   start: Zoom}} MatrixLayout  corner: height and width of the labels; side: of the part; map: of the small whole
 */

import { firstZoom } from "./matrix_zoom.js";

const CORNER = { least: 64, most: 104, share: 0.24 };
const SIDE = { least: 160, most: 640 };
const GAP = 8;
export const LABEL = { size: 11, gap: 5 };

/**
 * The layout of one panel.
 *
 * @param {number} size  rows
 * @param {number} width
 * @returns {MatrixLayout}
 */
export function matrixLayout(size, width) {
  const corner = Math.min(Math.max(width * CORNER.share, CORNER.least), CORNER.most);
  const side = Math.min(Math.max(width - corner, SIDE.least), SIDE.most);
  const start = firstZoom(size, side);
  return { kind: "matrix", width, height: Math.ceil(corner + side), corner, side, size, map: corner - GAP, start };
}

/**
 * The window of a scene.
 *
 * @param {{layout: MatrixLayout, choice: {zoom?: Zoom | null}}} scene
 * @returns {Zoom}
 */
export function zoomOf({ layout, choice }) {
  return choice.zoom ?? layout.start;
}

/**
 * Where a row or column begins and how large it is, along one axis.
 *
 * @param {MatrixLayout} layout
 * @param {Zoom} zoom
 * @param {"x" | "y"} axis
 * @param {number} index
 */
export function placeIn({ corner, side, size }, zoom, axis, index) {
  const step = side / (zoom.span * size);
  return { start: corner + index * step - (zoom[axis] / zoom.span) * side, step };
}

/**
 * What is under a point: a cell, a row's label, a column's, or nothing.
 *
 * @param {MatrixLayout} layout
 * @param {number} x
 * @param {number} y
 * @param {Zoom} zoom
 * @returns {{side: "from" | "to", index: number, part?: number} | null}  part: the column of a cell
 */
export function hitMatrix({ corner, side, size }, x, y, zoom) {
  const at = (pixel, start) => Math.floor((start + ((pixel - corner) / side) * zoom.span) * size);
  const within = (pixel) => pixel >= corner && pixel < corner + side;
  const [row, column] = [at(y, zoom.y), at(x, zoom.x)];
  const known = (index) => index >= 0 && index < size;
  if (within(x) && within(y)) return known(row) && known(column) ? { side: "from", index: row, part: column } : null;
  if (within(y) && x < corner && known(row)) return { side: "from", index: row };
  return within(x) && y < corner && known(column) ? { side: "to", index: column } : null;
}

/**
 * Whether a point lies in the small whole.
 *
 * @param {MatrixLayout} layout
 * @param {number} x
 * @param {number} y
 */
export function inMap({ map }, x, y) {
  return x >= 0 && y >= 0 && x < map && y < map;
}
