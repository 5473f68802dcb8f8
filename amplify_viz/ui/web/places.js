/**
 * Where a row stands in the text, so that panels with other tokens, and other views, can find the same place.
 *
 * A row belongs to a word (by position in the text, so repeated words are told apart) or is special and counted among
 * the special ones.  `piece` tells the rows of one word apart, null means all of them.
 *
 * @typedef {{words: (number | null)[], labels: string[], segments: (number | null)[], read?: (string | null)[]}} Rows
 *   read: of a row with text that the tokenizer does not know, the tokens that the model read
 * @typedef {{word: number | null, special: number | null, piece: number | null, pieces: number}} Place
 */

/**
 * The place of one row.
 *
 * @param {Rows} rows
 * @param {number} index
 * @returns {Place}
 */
export function placeOf(rows, index) {
  const word = rows.words[index];
  const before = rows.words.slice(0, index).filter((other) => other === word).length;
  if (word === null) return { word, special: before, piece: 0, pieces: 1 };
  return { word, special: null, piece: before, pieces: rows.words.filter((other) => other === word).length };
}

/**
 * The place of a whole word.
 *
 * @param {number} word
 * @returns {Place}
 */
export function wordPlace(word) {
  return { word, special: null, piece: null, pieces: 0 };
}

/**
 * The rows at a place: one where the word is cut into as many pieces here as there, else all rows of the word; none
 * where this panel has no such word or special token.
 *
 * @param {Rows} rows
 * @param {Place} place
 * @returns {number[]}
 */
export function rowsAt(rows, place) {
  const found = [];
  rows.words.forEach((word, index) => word === place.word && found.push(index));
  if (place.word === null) return found.slice(place.special, place.special + 1);
  return place.piece !== null && found.length === place.pieces ? [found[place.piece]] : found;
}

/**
 * Whether two places are the same word or special token.
 *
 * @param {Place | null} a
 * @param {Place | null} b
 */
export function samePlace(a, b) {
  return a !== null && b !== null && a.word === b.word && a.special === b.special;
}

/**
 * A row in words: "rabbit (word 2, sentence A)", and "read as [UNK]" where the tokenizer does not know it.
 *
 * @param {Rows} rows
 * @param {number} index
 */
export function describeRow(rows, index) {
  const word = rows.words[index];
  const segment = rows.segments[index];
  if (word === null) return segment === null ? "special token" : "white space";
  const { piece, pieces } = placeOf(rows, index);
  const parts = [`word ${word + 1}`];
  if (pieces > 1) parts.push(`piece ${piece + 1} of ${pieces}`);
  if (Math.max(...rows.segments.map((other) => other ?? 0)) > 0) parts.push(`sentence ${"AB"[segment]}`);
  if (rows.read?.[index]) parts.push(`read as ${rows.read[index]}`);
  return parts.join(", ");
}
