/**
 * The arithmetic of the neuron view: a query times keys, element by element, and added up.
 *
 * @typedef {{count: number, size: number, scaling: number, queries: Float32Array, keys: Float32Array,
 *   weights: Float32Array, masked: Uint8Array | null, bias: Float32Array | null}} Head  one head of one panel: count tokens,
 *   size elements of a vector; queries and keys [token, element]; weights, masked, bias [query, key]
 */

/**
 * Element-wise products of a token's query with each key, [key, element].
 *
 * @param {Head} head
 * @param {number} query
 * @returns {Float32Array}
 */
export function products({ queries, keys, size }, query) {
  const start = query * size;
  return keys.map((key, i) => key * queries[start + (i % size)]);
}

/**
 * The scores of a token's query with each key: scaling · q · k, before the mask.
 *
 * @param {Head} head
 * @param {number} query
 * @returns {Float64Array}
 */
export function scoresOf({ queries, keys, size, count, scaling }, query) {
  const scores = new Float64Array(count);
  for (let key = 0; key < count; key += 1) {
    let sum = 0;
    for (let i = 0; i < size; i += 1) sum += queries[query * size + i] * keys[key * size + i];
    scores[key] = scaling * sum;
  }
  return scores;
}

/**
 * The keys in the order in which they are shown: as in the text, or the strongest first; at most so many, those that
 * the query looks at most.
 *
 * @param {Head} head
 * @param {number} query
 * @param {{order: "text" | "weight", top: number | null}} look
 * @returns {number[]}
 */
export function orderOf({ weights, count }, query, { order, top }) {
  const keys = Array.from({ length: count }, (_, key) => key);
  if (order === "text" && top === null) return keys;
  const weight = (key) => weights[query * count + key];
  const strongest = keys.toSorted((a, b) => weight(b) - weight(a)).slice(0, top ?? count); // ties as in the text
  return order === "weight" ? strongest : strongest.sort((a, b) => a - b);
}

/**
 * How many keys the query's token may not look at.
 *
 * @param {Head} head
 * @param {number} query
 */
export function maskedKeys({ masked, count }, query) {
  return masked ? masked.subarray(query * count, (query + 1) * count).reduce((sum, one) => sum + one, 0) : 0;
}
