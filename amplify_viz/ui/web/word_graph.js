/** The word-relation graph: what the focus word looks at, and which words look at which. */

import { canvasView } from "./canvas_view.js";
import { css } from "./colour.js";
import { depth } from "./depth.js";
import { element } from "./dom.js";
import { arcLayout, hitWord, ringLayout } from "./graph_layout.js";
import { focusRow, lineColour, paintGraph } from "./graph_paint.js";
import { gradient, ramp } from "./legend.js";
import { formatWeight } from "./numbers.js";
import { floorFor } from "./opacity.js";
import { describeRow, placeOf, rowsAt } from "./places.js";
import { component } from "./streamlit.js";

const SHADES = 8;

/** Draws the word graph into an element. */
export const mount = canvasView({
  name: "graph",
  canRelease: false,
  sides: false,
  headHeight: 0,
  read,
  layout: layoutPanel,
  paint: paintGraph,
  paintHead: () => {},
  hit: hitWord,
  spot: spotOf,
  tip,
  describe,
  table,
  legend,
  note,
});
export default component(mount);

function read({ meta, arrays }) {
  const packed = meta.panels.map((_, i) => arrays[`weights${i}`]);
  const weights = packed.map(({ values, shape }) => ({ values, size: shape[0] }));
  const floor = Math.max(meta.threshold, floorFor(weights, meta.scale));
  return { meta, panels: meta.panels, weights, floor };
}

function layoutPanel({ panels, meta }, panel, { width, pen }) {
  const widest = (size) => Math.max(0, ...panels[panel].labels.map((label) => pen.width(label, size, 650)));
  const arrange = meta.layout === "arc" ? arcLayout : ringLayout;
  return arrange(panels[panel], { width, widest });
}

function spotOf(layout, { index }) {
  if (layout.kind === "arc") return { x: layout.right, y: layout.middles[index], height: layout.row };
  const { x, y } = layout.dots[index];
  return { x, y, height: 2 * layout.text };
}

/** Weights from and to the focus word, as text; a dash where a panel lacks one of the two. */
function weightsOf({ model, panel, rows, choice }, index) {
  const focus = focusRow({ rows, choice });
  if (focus === null || index === undefined) return ["–", "–"];
  const { values, size } = model.weights[panel];
  return [values[focus * size + index], values[index * size + focus]].map(formatWeight);
}

function focusLabel(scene) {
  return scene.rows.labels[focusRow(scene)] ?? "the focus word";
}

function tip(scene, { index }) {
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

function headName({ head }) {
  return head === null ? "mean over heads" : `head ${head + 1}`;
}

function describe(scene) {
  const { model, rows, panel } = scene;
  const what = `Word graph of ${rows.title}, layer ${model.meta.layer + 1}, ${headName(model.meta)}`;
  const focus = focusRow(scene);
  if (focus === null) return `${what}: no token for the focus word.`;
  const { values, size } = model.weights[panel];
  const order = rows.labels.map((_, i) => i).toSorted((a, b) => values[focus * size + b] - values[focus * size + a]);
  const strongest = order.slice(0, 3).map((i) => rows.labels[i]);
  return `${what}: ${rows.labels[focus]} looks most at ${strongest.join(", ")}.`;
}

function table(scene) {
  const { model, rows } = scene;
  const where = `layer ${model.meta.layer + 1}, ${headName(model.meta)}, ${rows.title}`;
  return {
    caption: `Attention from and to ${focusLabel(scene)}, ${where}`,
    corner: "word",
    columns: [{ label: "from" }, { label: "to" }],
    rows: rows.labels.map((label, i) => {
      return { heading: { label, note: describeRow(rows, i) }, cells: weightsOf(scene, i) };
    }),
  };
}

function legend(model, theme, choice) {
  const { scale, threshold } = model.meta;
  const focus = `“\u2068${focusLabel({ rows: model.panels[0], choice })}\u2069”`; // whatever its direction
  const shades = Array.from({ length: SHADES }, (_, i) => css(depth(i / (SHADES - 1), theme, theme.positive)));
  const dot = element("span.av-dot", { style: `background: ${css(theme.focus)}` });
  return [
    gradient(`Word: weight from ${focus}`, shades, "0", formatWeight(scale)),
    ramp(threshold > 0 ? `Line: weight ≥ ${threshold}` : "Line: weight", lineColour(theme), "0", formatWeight(scale)),
    element("span.av-key", {}, dot, `from ${focus}`),
  ];
}

function note({ meta, floor }) {
  const direction =
    meta.layout === "arc"
      ? "Lines on the right lead to later words, lines on the left to earlier ones."
      : "Arrows lead to the word looked at.";
  return floor > meta.threshold ? `${direction} Lines below ${formatWeight(floor)} are left out.` : direction;
}
