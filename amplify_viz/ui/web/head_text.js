/** What a head view says in words and numbers: tooltips, the picture's description, the table of the focus row. */

import { css } from "./colour.js";
import { headColour } from "./controls.js";
import { between, partners, strongestLines } from "./head_lines.js";
import { drawnOf, howOf, shownHeads } from "./head_model.js";
import { formatRanges, formatValue, formatWeight } from "./numbers.js";
import { describeRow, placeOf, rowsAt } from "./places.js";

const PARTNERS = 4;
const AS_ZERO = "A weight that is left out counts as 0 in the mean.";

/**
 * The tooltip of a row: the pair with the pinned row, in every panel, or the row's strongest partners; of a cell: its
 * pair.  Weights are the exact ones, whatever is left out of the picture.
 *
 * @param {import("./canvas_view.js").Scene} scene
 * @param {import("./canvas_view.js").At} at
 * @returns {import("./canvas_view.js").Tip}
 */
export function headTip(scene, { side, index, part }) {
  const { rows, choice } = scene;
  if (part !== undefined) return pairTip(scene, { from: [placeOf(rows, index)], to: [placeOf(rows, part)] });
  const pinned = choice.pins.filter((pin) => pin.side !== side && rowsAt(rows, pin.place).length);
  if (!pinned.length) return rowTip(scene, side, index);
  const other = pinned.map(({ place }) => place);
  const here = [placeOf(rows, index)];
  return pairTip(scene, side === "from" ? { from: here, to: other } : { from: other, to: here });
}

function pairTip(scene, places) {
  const { model, rows, choice } = scene;
  const at = (panel, side) => [...new Set(places[side].flatMap((place) => rowsAt(panel, place)))];
  const name = (side) => at(rows, side).map((row) => rows.labels[row]).join(" ");
  const [from, to] = [name("from"), name("to")];
  const values = (head) =>
    model.panels.map((panel, i) => {
      const where = { from: at(panel, "from"), to: at(panel, "to") };
      return head < panel.n_heads && where.from.length && where.to.length ? weigh(scene, i, head, where) : null;
    });
  const heads = choice.preview === null ? model.heads : [choice.preview];
  const body = perHead(scene, { heads, values, signed: model.panels.map(({ signed }) => Boolean(signed)) });
  const [first] = at(rows, "to");
  return {
    heading: `${from} → ${to}`,
    detail: describeRow(rows, first),
    table: { corner: "Head", columns: model.panels.map(({ title }) => ({ label: title })), rows: body },
    summary: `${from} to ${to}: ${body[0].cells.join(", ")} (${body[0].heading.label})`,
  };
}

function rowTip(scene, side, index) {
  const { model, panel, rows } = scene;
  const { raw, size } = model.weights[panel];
  const heads = shownHeads(scene);
  const others = partners(raw, size, { heads, side, rows: [index], most: PARTNERS });
  const rest = side === "from" && !rows.signed;
  const values = (head) => {
    const shares = others.map((other) => weigh(scene, panel, head, pairOf(side, [index], [other])));
    return rest ? [...shares, Math.max(0, 1 - shares.reduce((sum, share) => sum + share, 0))] : shares;
  };
  const columns = others.map((other) => ({ label: rows.labels[other], note: describeRow(rows, other) }));
  if (rest) columns.push({ label: "rest" });
  const body = perHead(scene, { heads, values, signed: columns.map(() => Boolean(rows.signed)) });
  const words = others.map((other, i) => `${rows.labels[other]} ${body[0].cells[i]}`);
  const [heading, detail] = [`${side} ${rows.labels[index]}`, describeRow(rows, index)];
  return {
    heading,
    detail,
    table: { corner: "Head", columns, rows: body },
    summary: `${heading}, ${detail}: ${words.join(", ")} (${body[0].heading.label})`,
  };
}

/** One row of numbers for each head, under their mean or maximum (of a panel's own heads) where there are several. */
function perHead(scene, { heads, values, signed }) {
  if (!heads.length) return [{ heading: { label: "–" }, cells: signed.map(() => "–") }];
  const numbers = heads.map(values);
  const rows = heads.map((head, i) => ({
    heading: { label: `${head + 1}`, colour: colourOf(scene, head) },
    cells: numbers[i].map((weight, column) => cell(weight, signed[column])),
  }));
  if (heads.length === 1) return rows;
  const how = howOf(scene.model.look);
  const together = numbers[0].map((_, column) => joined(numbers.map((row) => row[column]), how));
  const cells = together.map((weight, column) => cell(weight, signed[column]));
  return [{ heading: { label: how }, cells }, ...rows];
}

function joined(found, how) {
  const weights = found.filter((weight) => weight !== null);
  if (!weights.length) return null;
  if (how === "mean") return weights.reduce((sum, weight) => sum + weight, 0) / weights.length;
  return weights.reduce((most, weight) => (Math.abs(weight) > Math.abs(most) ? weight : most));
}

/**
 * What is seen, in a sentence.
 *
 * @param {import("./canvas_view.js").Scene} scene
 */
export function describeHeads(scene) {
  const { model, rows, choice, panel } = scene;
  const whose = rows.signed ? `Difference in attention, ${rows.title}` : `Attention of ${rows.title}`;
  const what = `${whose}, layer ${model.look.layer + 1}, head ${formatRanges(shownHeads(scene)) || "none"}`;
  const found = pinnedRows(scene);
  if (choice.pin && !found.length) return `${what}: no token for the focus word.`;
  const form = model.form === "matrix" ? "a matrix of" : "lines between";
  if (!found.length) return `${what}: ${form} all ${rows.labels.length} ${rows.level}.`;
  const { raw, size } = model.weights[panel];
  const { side } = choice.pin;
  const chosen = { heads: shownHeads(scene), side, rows: found, most: 3 };
  const strongest = partners(raw, size, chosen).map((other) => rows.labels[other]);
  return `${what}: ${side} ${pinnedLabel(scene)}, strongest with ${strongest.join(", ")}.`;
}

/**
 * The numbers of the pinned rows, or where nothing is pinned each row's strongest line, as far as they are drawn.
 *
 * @param {import("./canvas_view.js").Scene} scene
 * @returns {import("./table.js").Table}
 */
export function headTable(scene) {
  const { model, rows, choice, panel } = scene;
  const found = pinnedRows(scene);
  const where = `layer ${model.look.layer + 1}, ${rows.title}`;
  if (!found.length) return strongestTable(scene, where);
  const { values, heads, name } = drawnOf(scene);
  const { size } = model.weights[panel];
  const { side } = choice.pin;
  const of = (head, other) => between(values, size, { head, ...pairOf(side, found, [other]) });
  return {
    caption: `Attention ${side} ${pinnedLabel(scene)}, ${where}`,
    corner: side === "from" ? "to" : "from",
    columns: heads.map((head) => headHeading(scene, name, head)),
    rows: rows.labels.map((label, other) => ({
      heading: { label, note: describeRow(rows, other) },
      cells: heads.map((head) => cell(of(head, other), rows.signed)),
    })),
  };
}

function strongestTable(scene, where) {
  const { model, rows, panel } = scene;
  const { values, heads, name } = drawnOf(scene);
  const strongest = heads.length ? strongestLines(values, model.weights[panel].size, heads) : [];
  return {
    caption: `The strongest line from each of the ${rows.level}, ${where}`,
    corner: "from",
    columns: [{ label: "to" }, { label: rows.signed ? "Difference" : "Weight" }, { label: "Head" }],
    rows: strongest.map(({ head, to, weight }, from) => ({
      heading: { label: rows.labels[from], note: describeRow(rows, from) },
      cells: weight === 0 ? ["–", "–", "–"] : [rows.labels[to], cell(weight, rows.signed), name ?? `${head + 1}`],
    })),
  };
}

function headHeading(scene, name, head) {
  if (name === null) return { label: `Head ${head + 1}`, colour: colourOf(scene, head) };
  const [asZero] = leftOut(scene.model, scene.choice);
  return asZero ? { label: name, note: `${name}. ${asZero}` } : { label: name };
}

/**
 * What a weight that a filter leaves out is in a mean over heads, where one is shown: of heads combined, or beside the rows of
 * a pin.  Between sentences all heads lack the same weights, so that no mean mixes in a 0.
 *
 * @param {any} model
 * @param {{pins: any[]}} choice
 * @returns {string[]}  one sentence or none
 */
export function leftOut({ look, form, weights }, { pins }) {
  const several = weights.some(({ heads }) => heads.length > 1);
  const combined = weights.some((one) => one.combined) && howOf(look) === "mean";
  const beside = form === "lines" && look.combine === "each" && several && pins.length > 0;
  return (combined || beside) && (look.least > 0 || look.top !== null) ? [AS_ZERO] : [];
}

function colourOf({ model, theme }, head) {
  return css(headColour(head, model.meta, theme));
}

function weigh({ model }, panel, head, { from, to }) {
  const { raw, size } = model.weights[panel];
  return between(raw, size, { head, from, to });
}

function pairOf(side, rows, others) {
  return side === "from" ? { from: rows, to: others } : { from: others, to: rows };
}

function cell(weight, signed) {
  if (weight === null) return "–";
  return signed ? formatValue(weight) : formatWeight(weight);
}

function pinnedRows({ rows, choice }) {
  return [...new Set(choice.pins.flatMap(({ place }) => rowsAt(rows, place)))];
}

function pinnedLabel(scene) {
  return pinnedRows(scene)
    .map((row) => scene.rows.labels[row])
    .join(" ");
}
