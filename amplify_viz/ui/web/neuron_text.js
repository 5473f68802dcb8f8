/** What a neuron view says in words and numbers: tooltips, tables, notes, descriptions. */

import { maskedKeys, scoresOf } from "./neuron_math.js";
import { queryRow, scoreName } from "./neuron_paint.js";
import { formatPercent, formatValue, formatWeight } from "./numbers.js";
import { describeRow, placeOf, rowsAt } from "./places.js";

/** Elements of vectors are told this exactly. */
const DIGITS = 4;

/** A query and a key of one panel in numbers, as text; dashes where the panel lacks one of the two. */
function numbersOf({ model, panel, rows, choice }, key, part) {
  const query = queryRow({ rows, choice });
  if (query === null || key === undefined) return { q: "–", k: "–", product: "–", score: "–", bias: "–", weight: "–" };
  const head = model.heads[panel];
  const at = query * head.count + key;
  const [q, k] = [head.queries[query * head.size + part], head.keys[key * head.size + part]];
  return {
    q: formatValue(q, DIGITS),
    k: formatValue(k, DIGITS),
    product: formatValue(q * k, DIGITS),
    score: head.masked?.[at] ? "masked" : formatValue(scoreOf(head, query, key), DIGITS),
    bias: head.bias ? formatValue(head.bias[at]) : "–",
    weight: formatWeight(head.weights[at]),
  };
}

let last = { head: null, query: -1, scores: new Float64Array() };

/** A score; those of a query are made at once, for they are asked for together. */
function scoreOf(head, query, key) {
  if (last.head !== head || last.query !== query) last = { head, query, scores: scoresOf(head, query) };
  return last.scores[key];
}

/**
 * What the tooltip says of a key, and of the element of it that is pointed at.
 *
 * @param {import("./canvas_view.js").Scene} scene
 * @param {import("./canvas_view.js").At} at
 * @returns {import("./canvas_view.js").Tip}
 */
export function neuronTip(scene, { index, part }) {
  const { model, rows, choice } = scene;
  const place = placeOf(rows, index);
  const numbers = model.panels.map((other, panel) => {
    const fits = part === undefined || part < model.heads[panel].size;
    return numbersOf({ model, panel, rows: other, choice }, fits ? rowsAt(other, place)[0] : undefined, part);
  });
  const query = rows.labels[queryRow(scene)] ?? "";
  const row = (label, name) => ({ heading: { label }, cells: numbers.map((number) => number[name]) });
  const vectors = part === undefined ? [] : [row("q", "q"), row("k", "k"), row("q × k", "product")];
  const bias = model.heads.some((head) => head.bias) ? [row("+ position", "bias")] : [];
  const lines = [...vectors, row(scoreName(rows), "score"), ...bias, row("softmax", "weight")];
  const detail = [describeRow(rows, index), ...(part === undefined ? [] : [`dimension ${part + 1}`])].join(", ");
  return {
    heading: `${query} → ${rows.labels[index]}`,
    detail,
    table: { corner: "", columns: model.panels.map(({ title }) => ({ label: title })), rows: lines },
    summary: `${query} to ${rows.labels[index]}, ${detail}: ${spoken(lines)}`,
  };
}

function spoken(lines) {
  return lines.map(({ heading, cells }) => `${heading.label} ${cells.join(", ")}`).join("; ");
}

/**
 * The picture in a sentence.
 *
 * @param {import("./canvas_view.js").Scene} scene
 */
export function describeNeurons(scene) {
  const { model, rows } = scene;
  const query = queryRow(scene);
  const where = `${rows.title}, layer ${model.look.layer + 1}, head ${model.look.head + 1}`;
  const whose = query === null ? "no token for the focus word" : `for the query of ${rows.labels[query]}`;
  return `Query, keys and their products in ${where}: ${whose}.`;
}

/**
 * Score and weight of each key that is shown, in the order in which they are.
 *
 * @param {import("./canvas_view.js").Scene} scene
 * @returns {import("./table.js").Table}
 */
export function neuronTable(scene) {
  const { model, rows, layout } = scene;
  const query = rows.labels[queryRow(scene)] ?? "no token";
  return {
    caption: `From ${query}, layer ${model.look.layer + 1}, head ${model.look.head + 1}, ${rows.title}`,
    corner: "to",
    columns: [{ label: scoreName(rows) }, { label: "softmax" }],
    rows: layout.order.map((key) => {
      const { score, weight } = numbersOf(scene, key, 0);
      return { heading: { label: rows.labels[key], note: describeRow(rows, key) }, cells: [score, weight] };
    }),
  };
}

/**
 * What else there is to know.
 *
 * @param {import("./canvas_view.js").Model} model
 * @param {import("./selection.js").Choice} choice
 */
export function neuronNote({ look, panels, heads }, choice) {
  const sentences = ["99 % of the elements lie within the colours of q, k and q × k; the rest are drawn in the full colour."];
  const queries = panels.map((rows) => queryRow({ rows, choice }));
  const known = heads.map((head, panel) => ({ head, query: queries[panel] })).filter(({ query }) => query !== null);
  const masked = Math.max(0, ...known.map(({ head, query }) => maskedKeys(head, query)));
  if (masked) sentences.push(`${masked} ${masked === 1 ? "key is" : "keys are"} masked: this token may not look there.`);
  if (heads.some(({ bias }) => bias)) sentences.push("This model adds a number for the distance to each score before the softmax.");
  const most = Math.max(0, ...heads.map(({ count }) => count));
  if (look.top !== null && look.top < most) {
    const held = known.map(({ head, query }) => formatPercent(heldBy(head, query, look.top)));
    sentences.push(`Shown: the ${look.top} strongest of ${most} keys, with ${held.join(" and ")} of the attention.`);
  }
  if (look.difference) {
    sentences.push("Queries and keys are one model's own, so the difference that is chosen elsewhere has no panel here.");
  }
  return sentences.join(" ");
}

/** How much of a query's attention its strongest keys get. */
function heldBy({ weights, count }, query, top) {
  const row = weights.slice(query * count, (query + 1) * count).sort();
  return row.slice(Math.max(0, count - top)).reduce((sum, weight) => sum + weight, 0);
}
