/** The neuron view: the focus word's query, each key, their product element by element, its sum, and the softmax. */

import { canvasView } from "./canvas_view.js";
import { css } from "./colour.js";
import { gradient } from "./legend.js";
import { hitToken, neuronLayout } from "./neuron_layout.js";
import { HEAD, paintNeurons, paintQuery, queryRow } from "./neuron_paint.js";
import { formatValue, formatWeight } from "./numbers.js";
import { describeRow, placeOf, rowsAt } from "./places.js";
import { component } from "./streamlit.js";

/** Draws the neuron view into an element. */
export const mount = canvasView({
  name: "neurons",
  canRelease: false,
  sides: false,
  headHeight: HEAD.height,
  read,
  layout: layoutPanel,
  paint: paintNeurons,
  paintHead: paintQuery,
  hit: hitToken,
  spot: ({ label, row, middles }, { index }) => ({ x: label.width, y: middles[index], height: row }),
  tip,
  describe,
  table,
  legend,
  note,
});
export default component(mount);

function read({ meta, arrays }) {
  const heads = meta.panels.map((_, i) => {
    const values = (name) => arrays[`${name}${i}`].values;
    const [count, size] = arrays[`queries${i}`].shape;
    const [queries, keys, scores, weights, masked] = ["queries", "keys", "scores", "weights", "masked"].map(values);
    return { count, size, queries, keys, scores, weights, masked };
  });
  return { meta, panels: meta.panels, heads };
}

function layoutPanel({ panels, heads }, panel, { width, pen }) {
  const widest = (size) => Math.max(0, ...panels[panel].labels.map((label) => pen.width(label, size, 650)));
  return neuronLayout(panels[panel], { width, size: heads[panel].size, widest });
}

/** Score and weight of the query's token with a row, as text; a dash where a panel has no such token. */
function numbersOf(scene, key) {
  const query = queryRow(scene);
  if (query === null || key === undefined) return { score: "–", weight: "–" };
  const { scores, weights, masked, count } = scene.model.heads[scene.panel];
  const at = query * count + key;
  return { score: masked[at] ? "masked" : formatValue(scores[at]), weight: formatWeight(weights[at]) };
}

function tip(scene, { index }) {
  const { model, rows, choice } = scene;
  const place = placeOf(rows, index);
  const numbers = model.panels.map((other, panel) => {
    return numbersOf({ model, panel, rows: other, choice }, rowsAt(other, place)[0]);
  });
  const query = rows.labels[queryRow(scene)] ?? "";
  const [score, weight] = ["score", "weight"].map((name) => numbers.map((number) => number[name]));
  return {
    heading: `${query} → ${rows.labels[index]}`,
    detail: describeRow(rows, index),
    table: {
      corner: "",
      columns: model.panels.map(({ title }) => ({ label: title })),
      rows: [
        { heading: { label: scoreName(rows) }, cells: score },
        { heading: { label: "softmax" }, cells: weight },
      ],
    },
    summary: `${query} to ${rows.labels[index]}: weight ${weight.join(", ")}; ${scoreName(rows)} ${score.join(", ")}`,
  };
}

function scoreName({ by_root: byRoot }) {
  return byRoot ? "q·k/√d" : "scaled q·k";
}

function describe(scene) {
  const { model, rows } = scene;
  const query = queryRow(scene);
  const where = `${rows.title}, layer ${model.meta.layer + 1}, head ${model.meta.head + 1}`;
  const whose = query === null ? "no token for the focus word" : `for the query of ${rows.labels[query]}`;
  return `Query, keys and their products in ${where}: ${whose}.`;
}

function table(scene) {
  const { model, rows } = scene;
  const query = rows.labels[queryRow(scene)] ?? "no token";
  return {
    caption: `From ${query}, layer ${model.meta.layer + 1}, head ${model.meta.head + 1}, ${rows.title}`,
    corner: "to",
    columns: [{ label: scoreName(rows) }, { label: "softmax" }],
    rows: rows.labels.map((label, key) => {
      const { score, weight } = numbersOf(scene, key);
      return { heading: { label, note: describeRow(rows, key) }, cells: [score, weight] };
    }),
  };
}

function legend({ meta }, { positive, negative, background }) {
  const colours = [css(negative), css(background), css(positive)];
  const { vector, product, score, weight } = meta.scales;
  const ends = (limit) => [formatValue(-limit), `+${formatValue(limit)}`];
  return [
    gradient("q, k", colours, ...ends(vector)),
    gradient("q × k", colours, ...ends(product)),
    gradient("q·k", colours, ...ends(score)),
    gradient("softmax", [css(positive, 0), css(positive, 0.75)], "0", formatWeight(weight)),
  ];
}

function note() {
  return "99 % of the elements lie within the colours of q, k and q × k; the rest are drawn in the full colour.";
}
