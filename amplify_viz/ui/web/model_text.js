/** What a model view says in words and numbers: tooltips, tables, legends, notes, descriptions. */

import { css } from "./colour.js";
import { element } from "./dom.js";
import { gradient } from "./legend.js";
import { differsInTokens } from "./look.js";
import { measuredAt, MEASURES, sameHead } from "./model_data.js";
import { markColour } from "./model_paint.js";
import { formatValue } from "./numbers.js";

const SHADES = 8;

/** A measure's name with its unit. */
function named(name, words = "label") {
  const { [words]: label, unit } = MEASURES[name];
  return unit ? `${label} (${unit})` : label;
}

/**
 * What the tooltip says of a head: its measures in all panels.
 *
 * @param {import("./canvas_view.js").Scene} scene
 * @param {import("./canvas_view.js").At} at
 * @returns {import("./canvas_view.js").Tip}
 */
export function modelTip({ model, rows }, { index }) {
  const cellsOf = (name) =>
    model.panels.map((other, panel) => {
      const there = sameHead(rows, other, index);
      return formatValue(there === null ? null : measuredAt(model, panel, name, there));
    });
  const table = model.names.map((name) => ({
    heading: { label: named(name, "short"), note: named(name) },
    cells: cellsOf(name),
  }));
  const opens = model.meta.base === null ? "Click chooses it" : "Click opens it in the head view";
  const said = table.map(({ heading, cells }) => `${heading.note} ${cells.join(", ")}`);
  return {
    heading: capital(rows.labels[index]),
    detail: isOff(rows, index) ? `Switched off: its output is zero. ${opens}` : opens,
    table: { corner: "", columns: model.panels.map(({ title }) => ({ label: title })), rows: table },
    summary: `${rows.labels[index]}: ${said.join("; ")}`,
  };
}

function isOff({ off = [], n_heads }, index) {
  return off.some(([layer, head]) => layer * n_heads + head === index);
}

function capital(text) {
  return text[0].toUpperCase() + text.slice(1);
}

/**
 * The picture in a sentence.
 *
 * @param {import("./canvas_view.js").Scene} scene
 */
export function describeModel({ model, panel, rows }) {
  const what = `Attention weights of ${rows.title}: ${rows.n_layers} layers with ${rows.n_heads} heads each`;
  const values = model.values[panel]?.flat() ?? [];
  if (!model.measure || !values.length) return `${what}.`;
  const most = values.indexOf(Math.max(...values));
  return `${what}. The largest ${named(model.measure)}, ${formatValue(values[most])}, has ${rows.labels[most]}.`;
}

/**
 * The measures of every head of a panel.
 *
 * @param {import("./canvas_view.js").Scene} scene
 * @returns {import("./table.js").Table}
 */
export function modelTable({ model, panel, rows }) {
  const names = model.names.filter((name) => !rows.signed || MEASURES[name].pair);
  return {
    caption: `Measures of every head, ${rows.title}`,
    corner: "head",
    columns: names.map((name) => ({ label: named(name) })),
    rows: rows.labels.map((label, index) => {
      const heading = { label: isOff(rows, index) ? `${label}, switched off` : label };
      return { heading, cells: names.map((name) => formatValue(measuredAt(model, panel, name, index))) };
    }),
  };
}

/**
 * What shades and strips mean.
 *
 * @param {any} model
 * @param {import("./theme.js").Theme} theme
 */
export function modelLegend({ panels, thumbs, measure, range }, theme) {
  const keys = [];
  if (panels.some(({ signed }) => !signed)) {
    keys.push(gradient("√ weight", [css(theme.background), css(theme.text)], "0", "1"));
  }
  const compared = panels.findIndex(({ signed }) => signed);
  if (compared >= 0) {
    const limit = formatValue(thumbs[compared].full);
    const colours = [theme.negative, theme.background, theme.positive].map((rgb) => css(rgb));
    keys.push(gradient("√ difference", colours, `−${limit}`, `+${limit}`));
  }
  if (measure && range) {
    const shades = Array.from({ length: SHADES }, (_, i) => css(markColour(i / (SHADES - 1), theme)));
    keys.push(gradient(`Strip: ${named(measure)}`, shades, formatValue(range.low), formatValue(range.high)));
  } else if (measure) keys.push(element("span.av-key", {}, `No head has a ${MEASURES[measure].label} here`));
  return keys;
}

/**
 * What else there is to know.
 *
 * @param {any} model
 */
export function modelNote({ meta, look, thumbs, panels, measure, sorted, values }) {
  const said = panels.some(({ off }) => off?.length) ? ["Heads switched off are struck out."] : [];
  said.push("Rows of a matrix look, columns are looked at.");
  said.push(meta.base === null ? "A click chooses a head." : "A click opens a head in the head view.");
  if (sorted) {
    const first = panels[values.findIndex((found) => found !== null)];
    said.push(`In each layer heads stand by ${MEASURES[measure].label} of ${first.title}, the most first.`);
  }
  const pooled = Math.max(1, ...thumbs.map((found) => found.pooled));
  if (pooled > 1) said.push(`The text is long: a cell has the largest weight of ${pooled} × ${pooled} rows and columns.`);
  if (look.level !== "tokens" || look.special !== "shown") {
    said.push("Measures are of all tokens, whatever rows are shown.");
  }
  if (differsInTokens(look, meta)) {
    said.push("The two models cut the text differently: their difference is of words, without special tokens.");
  }
  return said.join(" ");
}
