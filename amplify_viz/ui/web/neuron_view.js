/** The neuron view: the focus word's query, each key, their product element by element, its sum, and the softmax. */

import { canvasView } from "./canvas_view.js";
import { css } from "./colour.js";
import { headControl, layerControl } from "./controls.js";
import { lackOfHead, lackOfLayer } from "./lacking.js";
import { gradient } from "./legend.js";
import { hitToken, neuronLayout, spotOf, walkTokens } from "./neuron_layout.js";
import { orderOf } from "./neuron_math.js";
import { commonScoreName, HEAD, paintNeurons, paintQuery, queryRow } from "./neuron_paint.js";
import { describeNeurons, neuronNote, neuronTable, neuronTip } from "./neuron_text.js";
import { formatValue, formatWeight } from "./numbers.js";
import { component } from "./streamlit.js";

/** So many of the strongest keys can be shown alone. */
const TOPS = [5, 10, 20, 50];

/** Draws the neuron view into an element. */
export const mount = canvasView({
  name: "neurons",
  signed: false,
  windowed: true,
  chunk: (look) => `neurons/${look.layer}/${look.head ?? 0}`,
  heads: (look) => [look.head ?? 0],
  lack: (look, subject) => lackOfLayer(look, subject) ?? lackOfHead(look.head ?? 0, subject),
  controls,
  canRelease: false,
  sides: false,
  headHeight: HEAD.height,
  read,
  layout: layoutPanel,
  paint: paintNeurons,
  paintHead: paintQuery,
  hit: hitToken,
  spot: spotOf,
  walk: ({ layout }, at, key) => walkTokens(layout, at, key),
  tip: neuronTip,
  describe: describeNeurons,
  table: neuronTable,
  legend,
  note: neuronNote,
});
export default component(mount);

/** The heads and panels, and the scales that all panels share. */
export function read({ meta, look, subjects, payloads }) {
  const heads = payloads.map(({ meta: { scaling }, arrays }) => {
    const values = (name) => arrays[name]?.values ?? null;
    const [count, size] = arrays.queries.shape;
    const [queries, keys, weights, masked, bias] = ["queries", "keys", "weights", "masked", "bias"].map(values);
    return { count, size, scaling, queries, keys, weights, masked, bias };
  });
  const panels = subjects.map((subject, i) => ({ ...subject, ...payloads[i].meta }));
  const most = (name) => Math.max(0, ...panels.map(({ limits }) => limits[name]));
  const scales = { vector: most("vector"), product: most("product"), score: most("score"), weight: most("weight") };
  return { meta, look: { ...look, head: look.head ?? 0, top: look.top || null }, panels, heads, scales };
}

function controls(told) {
  const { look } = told;
  const tops = [...new Set([...TOPS, ...(look.top ? [look.top] : [])])].sort((a, b) => a - b);
  return [
    ...layerControl(told),
    ...headControl(told, { mean: false }),
    {
      kind: "choice", name: "order", label: "Order", value: look.order,
      options: [["text", "Text"], ["weight", "Strongest first"]],
      help: "Keys as they stand in the text, or in each panel those first that the query looks at most.",
    },
    {
      kind: "list", name: "top", label: "Keys", value: look.top || null,
      options: [[null, "all"], ...tops.map((top) => [top, `${top} strongest`])],
      help: "All keys, or in each panel only those that the query looks at most.",
    },
  ]; // prettier-ignore
}

function layoutPanel({ panels, heads, look }, panel, { width, pen, choice }) {
  const rows = panels[panel];
  const query = queryRow({ rows, choice });
  const order = query === null ? [] : orderOf(heads[panel], query, look);
  const widest = (size) => Math.max(0, ...rows.labels.map((label) => pen.width(label, size, 650)));
  return neuronLayout(rows, { width, size: heads[panel].size, order, widest });
}

function legend({ scales, panels }, { positive, negative, background }) {
  const colours = [css(negative), css(background), css(positive)];
  const { vector, product, score, weight } = scales;
  const ends = (limit) => [formatValue(-limit), `+${formatValue(limit)}`];
  return [
    gradient("q, k", colours, ...ends(vector)),
    gradient("q × k", colours, ...ends(product)),
    gradient(commonScoreName(panels), colours, ...ends(score)),
    gradient("softmax", [css(positive, 0), css(positive, 0.75)], "0", formatWeight(weight)),
  ];
}
