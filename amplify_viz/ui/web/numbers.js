/** How numbers are written, the same in every legend, tooltip and table. */

/**
 * An attention weight, 0 to 1, with three significant digits; below 0.0001 only that it is.
 *
 * @param {number} weight
 * @returns {string}
 */
export function formatWeight(weight) {
  if (weight === 0) return "0";
  return weight < 1e-4 ? "<0.0001" : weight.toPrecision(3);
}

/**
 * Any number with three significant digits, or as many as asked for, and a true minus sign; a dash where there is none.
 *
 * @param {number | null} value
 * @param {number} digits
 * @returns {string}
 */
export function formatValue(value, digits = 3) {
  if (!Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  const far = size !== 0 && (size < 1e-3 || size >= 1e5);
  return (far ? value.toExponential(digits - 1) : String(Number(value.toPrecision(digits)))).replaceAll("-", "−");
}

/**
 * A number with a fixed count of decimals and a true minus sign, for columns.
 *
 * @param {number | null} value
 * @param {number} decimals
 * @returns {string}
 */
export function formatFixed(value, decimals) {
  if (value === null || !Number.isFinite(value)) return "–";
  return value.toFixed(decimals).replace("-", "−");
}

/**
 * A p-value: three decimals, or a power of ten where these do not tell; what is below any float64 is a bound.
 *
 * @param {number | null} p
 * @returns {string}
 */
export function formatP(p) {
  if (p === null || !Number.isFinite(p)) return "–";
  if (p === 0) return "<1e−300";
  return p >= 0.001 ? p.toFixed(3) : p.toExponential(0).replace("-", "−");
}

/** @param {number} probability */
export function formatPercent(probability) {
  return `${(100 * probability).toFixed(1)} %`;
}

/**
 * Positions counted from one, runs drawn together: [0, 1, 2, 5] is "1–3, 6".
 *
 * @param {number[]} positions  zero-based, ascending
 * @returns {string}
 */
export function formatRanges(positions) {
  const runs = [];
  for (const position of positions) {
    const last = runs.at(-1);
    if (last && position === last[1] + 1) last[1] = position;
    else runs.push([position, position]);
  }
  return runs.map(([first, last]) => (first === last ? `${first + 1}` : `${first + 1}–${last + 1}`)).join(", ");
}
