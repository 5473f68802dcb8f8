/** The word-relation graph: what the focus word looks at, and which words look at which. */

import { canvasView } from "./canvas_view.js";
import { css, mix } from "./colour.js";
import { differenceControl, headControl, headsControl, layerControl } from "./controls.js";
import { arcLayout, hitWord, ringLayout } from "./graph_layout.js";
import { byAttention, readGraph } from "./graph_model.js";
import { paintGraph } from "./graph_paint.js";
import { describeGraph, graphLegend, graphNote, graphTable, graphTip } from "./graph_text.js";
import { lackOfHead, lackOfHeads, lackOfLayer } from "./lacking.js";
import { headsIn } from "./look.js";
import { component } from "./streamlit.js";

/** Thresholds that the slider offers: fine where weights of long texts are. */
const THRESHOLDS = [
  0, 0.001, 0.002, 0.003, 0.005, 0.0075, 0.01, 0.015, 0.02, 0.03, 0.04, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.7, 1,
]; // prettier-ignore

/** Draws the word graph into an element. */
export const mount = canvasView({
  name: "graph",
  signed: true,
  windowed: true,
  chunk: ({ layer }) => `heads/${layer}/words/hidden`,
  heads: (look, subject) => (look.head === null ? headsIn(look, subject) : [look.head]),
  lack: (look, subject) => {
    const lackOf = look.head === null ? lackOfHeads(look, subject) : lackOfHead(look.head, subject);
    return lackOfLayer(look, subject) ?? lackOf;
  },
  controls,
  canRelease: false,
  sides: false,
  headHeight: 0,
  read: readGraph,
  layout: layoutPanel,
  paint: paintGraph,
  paintHead: () => {},
  hit: hitWord,
  spot: spotOf,
  tip: graphTip,
  describe: describeGraph,
  table: graphTable,
  legend: graphLegend,
  note: graphNote,
});
export default component(mount);

function controls(told, theme) {
  const { look } = told;
  const layouts = [["arc", "Arc"], ["circle", "Circle"], ["radial", "Radial"]]; // prettier-ignore
  return [
    ...layerControl(told),
    ...headControl(told, { mean: true }),
    ...(look.head === null ? meanOf(told, theme) : []),
    { kind: "choice", name: "layout", label: "Layout", options: layouts, value: look.layout, help: LAYOUTS },
    {
      kind: "slider", name: "edge", label: "Lines from weight", stops: THRESHOLDS, value: look.edge, write: String,
      help: "Weaker relations are not drawn.",
    },
    ...differenceControl(told),
  ]; // prettier-ignore
}

const LAYOUTS = "Arc: one below the other. Circle: clockwise. Radial: around the focus word.";

/** Which heads the mean is of; here a head has no colour of its own. */
function meanOf(told, theme) {
  const colour = css(mix(theme.background, theme.text, 0.4));
  return headsControl(told, theme, () => {}).map((control) => {
    return { ...control, label: "Mean of", heads: control.heads.map((one) => ({ ...one, colour })) };
  });
}

function layoutPanel(model, panel, { width, pen, choice }) {
  const rows = model.panels[panel];
  const widest = (size) => Math.max(0, ...rows.labels.map((label) => pen.width(label, size, 650)));
  if (model.look.layout === "arc") return arcLayout(rows, { width, widest });
  return ringLayout(rows, { width, widest, order: byAttention(model, choice) });
}

function spotOf(layout, { index }) {
  if (layout.kind === "arc") return { x: layout.right, y: layout.middles[index], height: layout.row };
  const { x, y } = layout.dots[index];
  return { x, y, height: 2 * layout.text };
}
