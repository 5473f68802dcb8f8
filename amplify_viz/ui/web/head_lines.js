/**
 * Which lines of a head view are drawn, and how strong: pure functions over one panel's weights.
 *
 * @typedef {import("./places.js").Rows} Rows
 * @typedef {{mode: "all" | "from" | "to" | "pair", from: number[] | null, to: number[] | null}} Scope
 * @typedef {{starts: Uint32Array, pairs: Uint32Array}} Buckets  bucket b is pairs[starts[b]] … pairs[starts[b + 1] - 1]
 */

import { STEPS, stepOf } from "./opacity.js";
import { rowsAt } from "./places.js";

/**
 * Which rows look and which are looked at: those of the hovered row, or of the pinned ones; where some are pinned and one
 * of the other side is hovered, the pairs; without any, all.
 *
 * @param {Rows} rows
 * @param {{pins: import("./selection.js").Spot[], hover: import("./selection.js").Spot | null}} choice
 * @returns {Scope}
 */
export function scopeOf(rows, { pins, hover }) {
  const found = (spots) => [...new Set(spots.flatMap(({ place }) => rowsAt(rows, place)))];
  const pinned = pins[0]?.side ?? null;
  if (pinned && hover && pinned !== hover.side) {
    const [from, to] = pinned === "from" ? [pins, [hover]] : [[hover], pins];
    return { mode: "pair", from: found(from), to: found(to) };
  }
  const spots = hover ? [hover] : pins;
  if (!spots.length) return { mode: "all", from: null, to: null };
  const { side } = spots[0];
  return { mode: side, from: side === "from" ? found(spots) : null, to: side === "to" ? found(spots) : null };
}

/**
 * Sorts the lines in scope into buckets by opacity step, faint ones first, and by head within a step.
 *
 * @param {Float32Array} weights  [head, from, to]
 * @param {number} size  number of rows
 * @param {{heads: number[], scope: Scope, scale: number, floor: number, sign?: 1 | -1}} choice  heads: indices into the
 *   first axis; scale: the weight that is drawn at full opacity; floor: smaller weights are left out; sign: −1 for the lines
 *   of weights below 0, as strong as they are far from it
 * @returns {Buckets}  bucket = step × heads.length + position in `heads`; a pair is from × size + to
 */
export function bucketLines(weights, size, { heads, scope, scale, floor, sign = 1 }) {
  const starts = new Uint32Array(STEPS * heads.length + 1);
  const visit = (act) => {
    heads.forEach((head, position) => {
      for (const from of scope.from ?? range(size)) {
        const row = (head * size + from) * size;
        for (const to of scope.to ?? range(size)) {
          const weight = sign * weights[row + to];
          if (weight > 0 && weight >= floor) act(stepOf(weight, scale) * heads.length + position, from * size + to);
        }
      }
    });
  };
  visit((bucket) => (starts[bucket + 1] += 1));
  for (let bucket = 1; bucket < starts.length; bucket += 1) starts[bucket] += starts[bucket - 1];
  const next = starts.slice();
  const pairs = new Uint32Array(starts[starts.length - 1]);
  visit((bucket, pair) => (pairs[next[bucket]++] = pair));
  return { starts, pairs };
}

const ranges = new Map();

function range(size) {
  if (!ranges.has(size)) ranges.set(size, Array.from({ length: size }, (_, i) => i));
  return ranges.get(size);
}

/**
 * Attention of one head between two groups of rows, by the words' rule: averaged over those that look, summed over
 * those that are looked at.
 *
 * @param {Float32Array} weights  [head, from, to]
 * @param {number} size
 * @param {{head: number, from: number[], to: number[]}} where
 * @returns {number}
 */
export function between(weights, size, { head, from, to }) {
  let sum = 0;
  for (const i of from) for (const j of to) sum += weights[(head * size + i) * size + j];
  return from.length ? sum / from.length : 0;
}

/**
 * The rows that share most attention with a row, by the mean over heads, strongest first, whatever their sign.
 *
 * @param {Float32Array} weights  [head, from, to]
 * @param {number} size
 * @param {{heads: number[], side: "from" | "to", rows: number[], most: number}} choice
 * @returns {number[]}
 */
export function partners(weights, size, { heads, side, rows, most }) {
  const shares = range(size).map((other) => {
    const where = side === "from" ? { from: rows, to: [other] } : { from: [other], to: rows };
    return Math.abs(heads.reduce((sum, head) => sum + between(weights, size, { head, ...where }), 0));
  });
  return range(size).toSorted((a, b) => shares[b] - shares[a]).slice(0, most);
}

/**
 * For each row the strongest line from it, whatever its sign.
 *
 * @param {Float32Array} weights  [head, from, to]
 * @param {number} size
 * @param {number[]} heads
 * @returns {{head: number, to: number, weight: number}[]}
 */
export function strongestLines(weights, size, heads) {
  return range(size).map((from) => {
    const best = { head: heads[0], to: 0, weight: weights[(heads[0] * size + from) * size] };
    for (const head of heads) {
      const row = (head * size + from) * size;
      for (let to = 0; to < size; to += 1) {
        if (Math.abs(weights[row + to]) > Math.abs(best.weight)) Object.assign(best, { head, to, weight: weights[row + to] });
      }
    }
    return best;
  });
}
