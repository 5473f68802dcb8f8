/** What a word graph says in words and numbers: tooltips, tables, legends, notes, descriptions. */

import { css } from "./colour.js";
import { depth } from "./depth.js";
import { element } from "./dom.js";
import { kindOf } from "./graph_lines.js";
import { focusRow, nodeScales } from "./graph_model.js";
import { differenceColour } from "./graph_paint.js";
import { kindColour, lineColour } from "./graph_strokes.js";
import { headsLacked } from "./lacking.js";
import { gradient, ramp } from "./legend.js";
import { differsInTokens } from "./look.js";
import { formatRanges, formatValue, formatWeight } from "./numbers.js";
import { describeRow, placeOf, rowsAt } from "./places.js";

const SHADES = 8;

/** Weights from and to the focus word, as text; a dash where a panel lacks one of the two. */
function weightsOf({ model, panel, rows, choice }, index) {
  const focus = focusRow({ rows, choice });
  if (focus === null || index === undefined) return ["–", "–"];
  const { values, size } = model.weights[panel];
  const write = rows.signed ? formatDifference : formatWeight;
  return [values[focus * size + index], values[index * size + focus]].map(write);
}

/** A difference of weights with its sign, as exact as a weight. */
function formatDifference(value) {
  const size = Math.abs(value);
  const written = size < 1e-4 ? formatValue(size) : formatWeight(size);
  return size ? `${value < 0 ? "−" : "+"}${written}` : written;
}

function focusLabel(scene) {
  return scene.rows.labels[focusRow(scene)] ?? "the focus word";
}

/**
 * What the tooltip says of a word.
 *
 * @param {import("./canvas_view.js").Scene} scene
 * @param {import("./canvas_view.js").At} at
 * @returns {import("./canvas_view.js").Tip}
 */
export function graphTip(scene, { index }) {
  const { model, rows, choice } = scene;
  const place = placeOf(rows, index);
  const pairs = model.panels.map((other, panel) => {
    return weightsOf({ model, panel, rows: other, choice }, rowsAt(other, place)[0]);
  });
  const focus = focusLabel(scene);
  const from = pairs.map(([weight]) => weight);
  return {
    heading: rows.labels[index],
    detail: describeRow(rows, index),
    table: {
      corner: "",
      columns: model.panels.map(({ title }) => ({ label: title })),
      rows: [
        { heading: { label: `from ${focus}` }, cells: from },
        { heading: { label: `to ${focus}` }, cells: pairs.map(([, weight]) => weight) },
      ],
    },
    summary: `${rows.labels[index]}, ${describeRow(rows, index)}: weight from ${focus} ${from.join(", ")}`,
  };
}

function headName({ look }, { heads, n_heads }) {
  if (look.head !== null) return `head ${look.head + 1}`;
  if (heads.length === 0) return "no head";
  if (heads.length === n_heads) return "mean over heads";
  return heads.length === 1 ? `head ${heads[0] + 1}` : `mean over heads ${formatRanges(heads)}`;
}

/**
 * The picture in a sentence.
 *
 * @param {import("./canvas_view.js").Scene} scene
 */
export function describeGraph(scene) {
  const { model, rows, panel } = scene;
  const what = `Word graph of ${rows.title}, layer ${model.look.layer + 1}, ${headName(model, rows)}`;
  const focus = focusRow(scene);
  if (focus === null) return `${what}: no token for the focus word.`;
  if (rows.signed) return `${what}: ${relations(model).map(([name, count]) => `${count} ${name}`).join(", ")}.`; // prettier-ignore
  const { values, size } = model.weights[panel];
  const order = rows.labels.map((_, i) => i).sort((a, b) => values[focus * size + b] - values[focus * size + a]);
  const strongest = order.slice(0, 3).map((i) => rows.labels[i]);
  return `${what}: ${rows.labels[focus]} looks most at ${strongest.join(", ")}.`;
}

/** The kinds of relations by name, with their counts. */
function relations({ panels, compared }) {
  return KINDS.map((kind) => [kindName(kind, panels, compared), compared.counts[kind], kind]);
}

const KINDS = ["shared", "a", "b"];

function kindName(kind, panels, { pair: [a, b] }) {
  if (kind === null) return "none";
  return { shared: "shared", a: `only ${panels[a].title}`, b: `only ${panels[b].title}` }[kind];
}

/**
 * The numbers of the focus word.
 *
 * @param {import("./canvas_view.js").Scene} scene
 * @returns {import("./table.js").Table}
 */
export function graphTable(scene) {
  const { model, rows } = scene;
  const where = `layer ${model.look.layer + 1}, ${headName(model, rows)}, ${rows.title}`;
  if (rows.signed) return comparisonTable(scene, where);
  return {
    caption: `Attention from and to ${focusLabel(scene)}, ${where}`,
    corner: "word",
    columns: [{ label: "from" }, { label: "to" }],
    rows: rows.labels.map((label, i) => {
      return { heading: { label, note: describeRow(rows, i) }, cells: weightsOf(scene, i) };
    }),
  };
}

/** Both records' weights from the focus word, their difference, and what their lines are. */
function comparisonTable(scene, where) {
  const { model, rows, choice } = scene;
  const { panels, compared, look } = model;
  const cellsOf = (index) => {
    const place = placeOf(rows, index);
    const weights = compared.pair.map((panel) => {
      const [from, to] = [focusRow({ rows: panels[panel], choice }), rowsAt(panels[panel], place)[0]];
      const { values, size } = model.weights[panel];
      return from === null || to === undefined ? NaN : values[from * size + to];
    });
    if (weights.some(Number.isNaN)) return ["–", "–", "–", "–"];
    const kind = index === focusRow(scene) ? null : kindOf(...weights, look.edge);
    return [...weights.map(formatWeight), weightsOf(scene, index)[0], kindName(kind, panels, compared)];
  };
  return {
    caption: `Attention from ${focusLabel(scene)}, ${where}`,
    corner: "to",
    columns: [...compared.pair.map((panel) => ({ label: panels[panel].title })), { label: "difference" }, { label: "line" }],
    rows: rows.labels.map((label, i) => ({ heading: { label, note: describeRow(rows, i) }, cells: cellsOf(i) })),
  };
}

/**
 * What colours, depths and lines mean.
 *
 * @param {any} model
 * @param {import("./theme.js").Theme} theme
 * @param {import("./selection.js").Choice} choice
 */
export function graphLegend(model, theme, choice) {
  const { scale, compared, look: { edge: threshold } } = model; // prettier-ignore
  const { weight, difference } = nodeScales(model, choice);
  const focus = `“\u2068${focusLabel({ rows: model.panels[0], choice })}\u2069”`; // whatever its direction
  const shades = Array.from({ length: SHADES }, (_, i) => css(depth(i / (SHADES - 1), theme, theme.positive)));
  const dot = element("span.av-dot", { style: `background: ${css(theme.focus)}` });
  const alone = [
    gradient(`Word: weight from ${focus}`, shades, "0", formatWeight(weight)),
    ramp(threshold > 0 ? `Line: weight ≥ ${threshold}` : "Line: weight", lineColour(theme), "0", formatWeight(scale)),
    element("span.av-key", {}, dot, `from ${focus}`),
  ];
  if (!compared) return alone;
  const signs = [-1, 0, 1].map((share) => css(differenceColour(share, theme)));
  const ends = [-difference, difference].map(formatDifference);
  return [...alone, gradient(`Difference from ${focus}`, signs, ...ends), ...relations(model).map((one) => lineKey(one, theme))];
}

/** A line as it is drawn, what it means, and how many there are. */
function lineKey([name, count, kind], theme) {
  const stroke = { shared: "solid", a: "dashed", b: "dotted" }[kind];
  const sample = element("span.av-line", { style: `border-top: 2px ${stroke} ${css(kindColour(kind, theme))}` });
  return element("span.av-key", {}, sample, element("bdi", {}, name), element("span.av-number", {}, String(count)));
}

/**
 * What else there is to know.
 *
 * @param {any} model
 * @param {import("./selection.js").Choice} _choice
 * @param {any[]} layouts
 */
export function graphNote({ look, meta, floor, heads, panels, compared }, _choice, layouts) {
  if (!heads.length) return "No head is chosen: choose one to see relations.";
  const sentences = [
    look.layout === "arc"
      ? "Lines on the right lead to later words, lines on the left to earlier ones."
      : "Arrows lead to the word looked at.",
  ];
  if (compared) {
    sentences.push(`A line of the comparison is as strong as the larger of its two weights, and shared where both are at least ${look.edge}.`);
    if (differsInTokens(look, meta)) sentences.push("The two read other tokens, so words are compared.");
  }
  if (look.head === null) sentences.push(...headsLacked(look, panels));
  if (floor > look.edge) sentences.push(`Lines below ${formatWeight(floor)} are left out.`);
  const hidden = Math.max(0, ...layouts.map(({ labelled = [] }) => labelled.filter((one) => !one).length));
  if (hidden) sentences.push(`For ${hidden} words there is no room for a label: point at a dot to read it.`);
  return sentences.join(" ");
}
