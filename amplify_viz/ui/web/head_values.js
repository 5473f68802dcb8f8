/**
 * What of a panel's weights a head view draws: filtered, and combined over heads; pure functions over typed arrays.
 *
 * @typedef {{segments: (number | null)[], between: "all" | "aa" | "ab" | "ba" | "bb", least: number,
 *   top: number | null}} Filter
 */

const SENTENCES = { a: 0, b: 1 };

/**
 * One matrix of several heads: their mean, or at each place the weight that is furthest from 0.
 *
 * @param {Float32Array} values  [head, from, to]
 * @param {number} size
 * @param {{heads: number[], how: "mean" | "max"}} choice
 * @returns {Float32Array}  [from, to]
 */
export function combined(values, size, { heads, how }) {
  const cells = size * size;
  const made = new Float32Array(cells);
  for (const head of heads) {
    const of = values.subarray(head * cells, (head + 1) * cells);
    if (how === "mean") for (let i = 0; i < cells; i += 1) made[i] += of[i] / heads.length;
    else for (let i = 0; i < cells; i += 1) if (Math.abs(of[i]) > Math.abs(made[i])) made[i] = of[i];
  }
  return made;
}

/**
 * Whether a filter leaves anything out.
 *
 * @param {Filter} filter
 */
export function filters({ between, least, top }) {
  return between !== "all" || least > 0 || top !== null;
}

/**
 * The weights with 0 in place of those that are left out: between other sentences, below the least, or not among the
 * strongest of their row and head.  What is left stays as it is.
 *
 * @param {Float32Array} values  [head, from, to]
 * @param {number} size
 * @param {Filter} filter
 * @returns {Float32Array}
 */
export function filtered(values, size, filter) {
  if (!filters(filter)) return values;
  const made = values.slice();
  const [looking, looked] = sides(filter, size);
  for (let start = 0; start < made.length; start += size) {
    const row = made.subarray(start, start + size);
    if (!looking[(start / size) % size]) row.fill(0);
    else keep(row, looked, filter);
  }
  return made;
}

function sides({ segments, between }, size) {
  const all = new Uint8Array(size).fill(1);
  if (between === "all") return [all, all];
  const of = (letter) => Uint8Array.from(segments, (segment) => Number(segment === SENTENCES[letter]));
  return [of(between[0]), of(between[1])];
}

function keep(row, looked, { least, top }) {
  for (let to = 0; to < row.length; to += 1) if (!looked[to] || Math.abs(row[to]) < least) row[to] = 0;
  if (top === null || top >= row.length) return;
  const floor = strength(row, top);
  for (let to = 0; to < row.length; to += 1) if (Math.abs(row[to]) < floor) row[to] = 0;
}

/** The strength of a row's `top`-th strongest weight. */
function strength(row, top) {
  const strengths = Float32Array.from(row, Math.abs).sort();
  return top === 0 ? Infinity : strengths[row.length - top];
}

/**
 * The largest weight, by its distance from 0.
 *
 * @param {Float32Array} values
 */
export function largest(values) {
  let most = 0;
  for (let i = 0; i < values.length; i += 1) most = Math.max(most, Math.abs(values[i]));
  return most;
}
