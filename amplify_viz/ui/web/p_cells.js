/**
 * The cells of a map of p-values: what is written in them, how dark they are, where the arrow keys lead.
 *
 * @typedef {{checkpoint: string, reference: string, status: string, layer: number, n: number, statistic: number | null,
 *   df: number | null, p_value: number | null, p_corrected: number | null,
 *   mean_absolute_difference: number | null, mean_difference: number | null, standardised_difference: number | null}} Test
 * @typedef {{checkpoints: string[], layers: number[], tests: (Test | null)[][]}} Grid  tests by checkpoint, then layer
 */

import { formatFixed, formatP, formatValue } from "./numbers.js";

const SIDE = 150;
const NARROWEST = 64;

/**
 * Rows of a table as a grid, checkpoints in order of appearance and layers in order of number.
 *
 * @param {Test[]} rows
 * @returns {Grid}
 */
export function gridOf(rows) {
  const checkpoints = [...new Set(rows.map(({ checkpoint }) => checkpoint))];
  const layers = [...new Set(rows.map(({ layer }) => layer))].sort((a, b) => a - b);
  const find = (name, number) => rows.find(({ checkpoint, layer }) => checkpoint === name && layer === number) ?? null;
  return { checkpoints, layers, tests: checkpoints.map((name) => layers.map((number) => find(name, number))) };
}

/**
 * Whether the layers fit from left to right; they run downwards where they do not.
 *
 * @param {Grid} grid
 * @param {number} width
 */
export function runsAcross({ layers }, width) {
  return SIDE + layers.length * NARROWEST <= width;
}

/**
 * How dark a cell is: the logarithm of p, 0 for p = 1 to 1 for 10 to the minus decades and below; null where there was no test.
 *
 * @param {Test} test
 * @param {number} decades
 * @returns {number | null}
 */
export function darkness({ status, p_value: p }, decades) {
  if (status !== "tested" || p === null) return null;
  return p > 0 ? Math.min(Math.abs(Math.log10(p)), decades) / decades : 1;
}

/**
 * What a cell says: p, the standardised difference and the mean absolute difference, or why there was no test.
 *
 * @param {Test} test
 * @returns {string[]}
 */
export function linesIn(test) {
  if (test.status !== "tested") return [test.status];
  const size = test.standardised_difference;
  const signed = `${size !== null && size >= 0 ? "+" : ""}${formatFixed(size, 3)}`;
  return [formatP(test.p_value), signed, `|Δ| ${formatValue(test.mean_absolute_difference, 2)}`];
}

/**
 * The same for a screen reader.
 *
 * @param {Test} test
 * @returns {string}
 */
export function spoken(test) {
  if (test.status !== "tested") return test.status;
  const [p, size] = linesIn(test);
  const apart = formatValue(test.mean_absolute_difference, 2);
  return `p ${p}, standardised difference ${size}, mean absolute difference ${apart}`;
}

/**
 * What stands below the map: which side is subtracted from which, and what the lines of a cell are.
 *
 * @param {string} reference
 * @returns {string}
 */
export function noteOn(reference) {
  return (
    `Each checkpoint minus ${reference}. In each cell p, the standardised difference of the two grand means, and ` +
    "|Δ|, the mean absolute difference element by element, which p does not test."
  );
}

/**
 * All that is known of a test, as names and numbers.
 *
 * @param {Test} test
 * @returns {[string, string][]}
 */
export function factsOf(test) {
  return [
    ["status", test.status],
    ["p-value", formatP(test.p_value)],
    ["p corrected (Holm)", formatP(test.p_corrected)],
    ["mean absolute difference", formatValue(test.mean_absolute_difference)],
    ["mean difference", formatValue(test.mean_difference)],
    ["standardised difference", formatValue(test.standardised_difference)],
    ["t", formatValue(test.statistic)],
    ["degrees of freedom", formatValue(test.df)],
    ["n, each side", test.n === null ? "–" : test.n.toLocaleString("en")],
  ];
}

/**
 * Where an arrow key leads in a table of cells, staying inside; null for another key.
 *
 * @param {{row: number, column: number}} at
 * @param {string} key
 * @param {{rows: number, columns: number}} size
 * @returns {{row: number, column: number} | null}
 */
export function stepped({ row, column }, key, { rows, columns }) {
  const [down, right] = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[key] ?? [];
  if (down === undefined) return null;
  const within = (value, count) => Math.min(Math.max(value, 0), count - 1);
  return { row: within(row + down, rows), column: within(column + right, columns) };
}
