/**
 * The relations of a word graph: what is read of the weights, and which lines are drawn.
 *
 * @typedef {{values: Float32Array, size: number}} Matrix  [word that looks, word looked at]
 * @typedef {"shared" | "a" | "b"} Kind  strong enough in both records, or in the first or second of them alone
 * @typedef {{from: number, to: number, weight: number, kind?: Kind}} Line
 */

/**
 * The weights between some rows: of one head, or the mean over several; 0 where there is no head.
 *
 * @param {{values: Float32Array, shape: number[]}} weights  [head, from, to]
 * @param {number[]} heads
 * @param {number[]} kept  the rows
 * @returns {Matrix}
 */
export function matrixOf({ values, shape: [, rows] }, heads, kept) {
  const size = kept.length;
  const sums = new Float64Array(size * size);
  for (const head of heads) {
    for (let from = 0; from < size; from += 1) {
      const start = (head * rows + kept[from]) * rows;
      for (let to = 0; to < size; to += 1) sums[from * size + to] += values[start + kept[to]];
    }
  }
  return { values: Float32Array.from(sums, (sum) => sum / Math.max(heads.length, 1)), size };
}

/**
 * The weights between different words, for a word's attention to itself is no line.
 *
 * @param {Matrix} matrix
 * @returns {Matrix}
 */
export function betweenWords({ values, size }) {
  const others = values.slice();
  for (let word = 0; word < size; word += 1) others[word * size + word] = 0;
  return { values: others, size };
}

/**
 * The lines of a panel: pairs of different words with at least the floor's weight.
 *
 * @param {Matrix} matrix
 * @param {number} floor
 * @returns {Line[]}
 */
export function linesOf({ values, size }, floor) {
  const lines = [];
  for (let from = 0; from < size; from += 1) {
    for (let to = 0; to < size; to += 1) {
      const weight = values[from * size + to];
      if (from !== to && weight > 0 && weight >= floor) lines.push({ from, to, weight });
    }
  }
  return lines;
}

/**
 * Two records' weights between the words that both have.
 *
 * @param {{words: number[], matrix: Matrix}[]} pair  words: their positions in the text
 * @param {number[]} words  those that both have
 * @returns {Matrix[]}
 */
export function aligned(pair, words) {
  return pair.map(({ words: own, matrix: { values, size } }) => {
    const places = words.map((word) => own.indexOf(word));
    const count = words.length;
    const kept = new Float32Array(count * count);
    places.forEach((from, i) => places.forEach((to, j) => (kept[i * count + j] = values[from * size + to])));
    return { values: kept, size: count };
  });
}

/**
 * The larger of two weights, pair by pair.
 *
 * @param {Matrix[]} matrices
 * @returns {Matrix}
 */
export function largerOf([a, b]) {
  return { values: a.values.map((weight, i) => Math.max(weight, b.values[i])), size: a.size };
}

/**
 * What a relation is by its weights: strong enough in both, in one alone, or in neither (null).
 *
 * @param {number} a
 * @param {number} b
 * @param {number} threshold
 * @returns {Kind | null}
 */
export function kindOf(a, b, threshold) {
  if (a >= threshold) return b >= threshold ? "shared" : "a";
  return b >= threshold ? "b" : null;
}

/**
 * The lines of a comparison, as strong as the larger weight, and how many relations there are of each kind; what is
 * fainter than the floor is counted and not drawn.
 *
 * @param {Matrix[]} pair  aligned
 * @param {{threshold: number, floor: number}} least
 * @returns {{lines: Line[], counts: {shared: number, a: number, b: number}}}
 */
export function compare([a, b], { threshold, floor }) {
  const { size } = a;
  const counts = { shared: 0, a: 0, b: 0 };
  const lines = [];
  a.values.forEach((one, i) => {
    const [from, to] = [Math.floor(i / size), i % size];
    const kind = from === to ? null : kindOf(one, b.values[i], threshold);
    if (kind === null) return;
    counts[kind] += 1;
    const weight = Math.max(one, b.values[i]);
    if (weight > 0 && weight >= floor) lines.push({ from, to, weight, kind });
  });
  return { lines, counts };
}
