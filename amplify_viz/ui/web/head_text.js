/** What a head view says in words and numbers: tooltips, the picture's description, the table of the focus row. */

import { between, partners, scopeOf, strongestLines } from "./head_lines.js";
import { shownHeads } from "./head_paint.js";
import { formatRanges, formatWeight } from "./numbers.js";
import { describeRow, placeOf, rowsAt } from "./places.js";

const PARTNERS = 4;

/**
 * The tooltip of a row: the pair with the pinned row, in every panel, or the row's strongest partners.
 *
 * @param {import("./canvas_view.js").Scene} scene
 * @param {import("./canvas_view.js").At} at
 * @returns {import("./canvas_view.js").Tip}
 */
export function headTip(scene, { side, index }) {
  const { pin } = scene.choice;
  const isPair = pin !== null && pin.side !== side && rowsAt(scene.rows, pin.place).length > 0;
  return isPair ? pairTip(scene, index) : rowTip(scene, side, index);
}

function pairTip(scene, index) {
  const { model, rows, choice } = scene;
  const { pin } = choice;
  const spot = { place: placeOf(rows, index), side: pin.side === "from" ? "to" : "from" };
  const scopes = model.panels.map((other) => scopeOf(other, { pin, hover: spot }));
  const labels = { [spot.side]: rows.labels[index], [pin.side]: pinnedLabel(rows, pin) };
  const values = (head) =>
    scopes.map(({ from, to }, panel) => (from.length && to.length ? weigh(scene, panel, head, { from, to }) : null));
  const body = perHead(scene, values);
  return {
    heading: `${labels.from} → ${labels.to}`,
    detail: describeRow(rows, index),
    table: { corner: "Head", columns: model.panels.map(({ title }) => ({ label: title })), rows: body },
    summary: `${labels.from} to ${labels.to}: ${body[0].cells.join(", ")} (${body[0].heading.label})`,
  };
}

function rowTip(scene, side, index) {
  const { model, panel, rows } = scene;
  const { values, size } = model.weights[panel];
  const others = partners(values, size, { heads: shownHeads(scene), side, rows: [index], most: PARTNERS });
  const weights = (head) => {
    const shares = others.map((other) => weigh(scene, panel, head, pairOf(side, [index], [other])));
    return side === "from" ? [...shares, Math.max(0, 1 - shares.reduce((sum, share) => sum + share, 0))] : shares;
  };
  const columns = others.map((other) => ({ label: rows.labels[other], note: describeRow(rows, other) }));
  if (side === "from") columns.push({ label: "rest" });
  const body = perHead(scene, weights);
  const words = others.map((other, i) => `${rows.labels[other]} ${body[0].cells[i]}`);
  const [heading, detail] = [`${side} ${rows.labels[index]}`, describeRow(rows, index)];
  return {
    heading,
    detail,
    table: { corner: "Head", columns, rows: body },
    summary: `${heading}, ${detail}: ${words.join(", ")} (${body[0].heading.label})`,
  };
}

/** One row of numbers a head on show, under their mean where there are several. */
function perHead(scene, values) {
  const { model } = scene;
  const heads = shownHeads(scene);
  const numbers = heads.map(values);
  const rows = heads.map((head, i) => {
    const { head: name, colour } = model.meta.heads[head];
    return { heading: { label: `${name + 1}`, colour }, cells: numbers[i].map(cell) };
  });
  if (heads.length === 1) return rows;
  const means = numbers[0].map((_, column) => {
    return numbers[0][column] === null ? null : numbers.reduce((sum, row) => sum + row[column], 0) / heads.length;
  });
  return [{ heading: { label: "mean" }, cells: means.map(cell) }, ...rows];
}

/**
 * What is seen, in a sentence.
 *
 * @param {import("./canvas_view.js").Scene} scene
 */
export function describeHeads(scene) {
  const { model, rows, choice, panel } = scene;
  const heads = shownHeads(scene).map((head) => model.meta.heads[head].head);
  const what = `Attention of ${rows.title}, layer ${model.meta.layer + 1}, head ${formatRanges(heads)}`;
  const found = choice.pin ? rowsAt(rows, choice.pin.place) : [];
  if (choice.pin && !found.length) return `${what}: no token for the focus word.`;
  if (!found.length) return `${what}: lines between all ${rows.labels.length} ${model.meta.level}.`;
  const { values, size } = model.weights[panel];
  const { side } = choice.pin;
  const chosen = { heads: shownHeads(scene), side, rows: found, most: 3 };
  const strongest = partners(values, size, chosen).map((other) => rows.labels[other]);
  return `${what}: lines ${side} ${pinnedLabel(rows, choice.pin)}, strongest with ${strongest.join(", ")}.`;
}

/**
 * The numbers of the pinned row, or where nothing is pinned each row's strongest line.
 *
 * @param {import("./canvas_view.js").Scene} scene
 * @returns {import("./table.js").Table}
 */
export function headTable(scene) {
  const { model, rows, choice, panel } = scene;
  const found = choice.pin ? rowsAt(rows, choice.pin.place) : [];
  const where = `layer ${model.meta.layer + 1}, ${rows.title}`;
  if (!found.length) return strongestTable(scene, where);
  const heads = shownHeads(scene);
  const { side } = choice.pin;
  return {
    caption: `Attention ${side} ${pinnedLabel(rows, choice.pin)}, ${where}`,
    corner: side === "from" ? "to" : "from",
    columns: heads.map((head) => headHeading(model, head)),
    rows: rows.labels.map((label, other) => ({
      heading: { label, note: describeRow(rows, other) },
      cells: heads.map((head) => cell(weigh(scene, panel, head, pairOf(side, found, [other])))),
    })),
  };
}

function strongestTable(scene, where) {
  const { model, rows, panel } = scene;
  const { values, size } = model.weights[panel];
  const strongest = strongestLines(values, size, shownHeads(scene));
  return {
    caption: `The strongest line from each of the ${model.meta.level}, ${where}`,
    corner: "from",
    columns: [{ label: "to" }, { label: "Weight" }, { label: "Head" }],
    rows: strongest.map(({ head, to, weight }, from) => ({
      heading: { label: rows.labels[from], note: describeRow(rows, from) },
      cells: [rows.labels[to], cell(weight), `${model.meta.heads[head].head + 1}`],
    })),
  };
}

function headHeading({ meta }, index) {
  const { head, colour } = meta.heads[index];
  return { label: `Head ${head + 1}`, colour };
}

function weigh({ model }, panel, head, { from, to }) {
  const { values, size } = model.weights[panel];
  return between(values, size, { head, from, to });
}

function pairOf(side, rows, others) {
  return side === "from" ? { from: rows, to: others } : { from: others, to: rows };
}

function cell(weight) {
  return weight === null ? "–" : formatWeight(weight);
}

function pinnedLabel(rows, { place }) {
  return rowsAt(rows, place)
    .map((row) => rows.labels[row])
    .join(" ");
}
