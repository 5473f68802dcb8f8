/** What a word graph shows, read from the weights: panels of words, relations, scales. */

import { aligned, betweenWords, compare, largerOf, linesOf, matrixOf } from "./graph_lines.js";
import { placesOf } from "./graph_layout.js";
import { headsIn, headsOf } from "./look.js";
import { floorFor } from "./opacity.js";
import { rowsAt } from "./places.js";

/** A smaller difference of weights is never shown in full colour. */
const LEAST_DIFFERENCE = 0.001;
/** No panel draws more lines than this: eight for each of a hundred words, long before which single ones are lost. */
const MOST_LINES = 800;

/**
 * The model of the word graph.
 *
 * weights: of each panel, b − a in the comparison's; lines: of each panel; scale: the largest weight between two words;
 * floor: lines below are not drawn; compared: which two panels the last one compares, and the counts of its relations.
 *
 * @param {import("./canvas_view.js").Told} told
 */
export function readGraph({ meta, look, subjects, payloads }) {
  const heads = look.head === null ? headsOf(look, meta) : [look.head];
  const found = payloads.map((payload, i) => panelOf(subjects[i], payload, look));
  const alone = found.filter(({ rows }) => !rows.signed);
  const pair = found.at(-1)?.rows.signed ? pairOf(found, look.difference) : null;
  const between = [...alone.map(({ matrix }) => betweenWords(matrix)), ...(pair ? [betweenWords(largerOf(pair))] : [])];
  const scale = between.reduce((most, { values }) => values.reduce((more, weight) => Math.max(more, weight), most), 0);
  const floor = Math.max(look.edge, floorFor(between, scale, MOST_LINES));
  const compared = pair && { pair: look.difference, ...compare(pair, { threshold: look.edge, floor }) };
  const lines = found.map(({ rows, matrix }) => (rows.signed ? compared.lines : linesOf(matrix, floor)));
  const panels = withPlaces(found.map(({ rows }) => rows), look); // prettier-ignore
  return { meta, look, heads, panels, weights: found.map(({ matrix }) => matrix), lines, scale, floor, compared };
}

/** A panel's rows that are words, for a token of white space is none, and the weights between them, of its own heads. */
function panelOf(subject, { meta: rows, arrays }, look) {
  const heads = look.head === null ? headsIn(look, subject) : [look.head];
  const kept = rows.words.map((_, i) => i).filter((i) => rows.words[i] !== null);
  const of = (values) => kept.map((i) => values[i]);
  const words = { labels: of(rows.labels), words: of(rows.words), segments: of(rows.segments), read: of(rows.read ?? []) };
  return { rows: { ...subject, ...words, heads }, matrix: matrixOf(arrays.weights, heads, kept) };
}

/** The two compared panels' weights between the words of the last panel, which are those that both have. */
function pairOf(found, difference) {
  const pair = difference.map((place) => ({ words: found[place].rows.words, matrix: found[place].matrix }));
  return aligned(pair, found.at(-1).rows.words);
}

/** The panels with each word's place, which is the same in all of them. */
function withPlaces(panels, { focus, layout }) {
  const segments = new Map(panels.flatMap((rows) => rows.words.map((word, i) => [word, rows.segments[i]])));
  const words = [...segments.keys()].sort((a, b) => a - b);
  const all = { words, segments: words.map((word) => segments.get(word)) };
  const places = placesOf(all, focus.at(-1) ?? words[0], layout);
  return panels.map((rows) => ({ ...rows, places: rows.words.map((word) => places.get(word)) }));
}

/**
 * The row of the word that is in focus, or null where the panel has none.
 *
 * @param {{rows: import("./places.js").Rows, choice: import("./selection.js").Choice}} scene
 * @returns {number | null}
 */
export function focusRow({ rows, choice }) {
  return rowsAt(rows, choice.pin.place)[0] ?? null;
}

/**
 * The largest attention from the focus word to any word, in all panels; apart from it the largest difference, or what
 * stands for it where all are tiny.
 *
 * @param {any} model
 * @param {import("./selection.js").Choice} choice
 * @returns {{weight: number, difference: number}}
 */
export function nodeScales({ panels, weights }, choice) {
  const most = panels.map((rows, panel) => {
    const focus = focusRow({ rows, choice });
    const { values, size } = weights[panel];
    return focus === null ? 0 : values.subarray(focus * size, (focus + 1) * size).reduce(larger, 0);
  });
  const of = (signed) => Math.max(0, ...most.filter((_, panel) => Boolean(panels[panel].signed) === signed));
  return { weight: of(false), difference: Math.max(of(true), LEAST_DIFFERENCE) };
}

function larger(most, weight) {
  return Math.max(most, Math.abs(weight));
}

/**
 * The words by the attention that the focus word pays them in any panel, the most first.
 *
 * @param {any} model
 * @param {import("./selection.js").Choice} choice
 * @returns {number[]}  positions in the text
 */
export function byAttention({ panels, weights }, choice) {
  const most = new Map();
  panels.forEach((rows, panel) => {
    const focus = focusRow({ rows, choice });
    const { values, size } = weights[panel];
    rows.words.forEach((word, i) => {
      const weight = focus === null || rows.signed ? 0 : values[focus * size + i];
      most.set(word, i === focus ? Infinity : Math.max(most.get(word) ?? 0, weight));
    });
  });
  return [...most.keys()].sort((a, b) => most.get(b) - most.get(a) || a - b);
}
