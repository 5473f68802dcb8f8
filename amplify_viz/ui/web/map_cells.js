/**
 * The cells of a map of numbers: where they stand, and how deep their colour is.
 *
 * @typedef {{row: number, column: number, text: string, share: number | null, name: string, facts: [string, string][],
 *   change: Record<string, any> | null}} Cell  share: -1 to 1 of the scale, null where there is no number
 */

import { mix } from "./colour.js";
import { depth } from "./depth.js";

/**
 * Cells by row and column, null where there is none.
 *
 * @param {Cell[]} cells
 * @param {number} rows
 * @param {number} columns
 * @returns {(Cell | null)[][]}
 */
export function places(cells, rows, columns) {
  const grid = Array.from({ length: rows }, () => Array(columns).fill(null));
  for (const cell of cells) if (cell.row in grid && cell.column < columns) grid[cell.row][cell.column] = cell;
  return grid;
}

/**
 * A cell's colour: with a shade its depth, 0 to 1; without one a sign's colour, -1 to 1, and the page's own for 0.
 *
 * @param {number} share
 * @param {import("./theme.js").Theme} theme
 * @param {import("./colour.js").Rgb | null} shade
 */
export function depthOf(share, theme, shade) {
  if (shade) return depth(share, theme, shade);
  return mix(theme.background, share < 0 ? theme.negative : theme.positive, Math.min(Math.abs(share), 1));
}
