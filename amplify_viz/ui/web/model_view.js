/** The model view: all layers and heads as small matrices, with a measure of each head; a click opens one. */

import { canvasView } from "./canvas_view.js";
import { differenceControl, levelControl, specialControl } from "./controls.js";
import { chosenHead, measureOf, MEASURES, measuresOf, readModel } from "./model_data.js";
import { hitHead, modelLayout, spotOf, walkHeads } from "./model_layout.js";
import { paintModel } from "./model_paint.js";
import { describeModel, modelLegend, modelNote, modelTable, modelTip } from "./model_text.js";
import { component } from "./streamlit.js";

/** Draws the model view into an element. */
export const mount = canvasView({
  name: "model",
  signed: true,
  windowed: true,
  canRelease: false,
  sides: false,
  headHeight: 0,
  keys: "arrow keys walk through layers and heads, Enter opens one",
  chunk: ({ level, special }) => `thumbnails/${level}/${special}`,
  controls,
  read: readModel,
  layout: (model, panel, { width }) => {
    return modelLayout(model.orders[panel], width, { marked: model.measure !== null, numbered: model.sorted });
  },
  paint: paintModel,
  paintHead: () => {},
  hit: hitHead,
  spot: spotOf,
  walk: ({ model, layout, rows }, at, key) => walkHeads(layout, at, key, chosenHead(model, rows) ?? layout.order[0]?.[0] ?? 0),
  open,
  tip: modelTip,
  describe: describeModel,
  table: modelTable,
  legend: modelLegend,
  note: modelNote,
});
export default component(mount);

function controls(told) {
  const names = measuresOf(told);
  const measure = measureOf(told);
  const options = [[null, "none"], ...names.map((name) => [name, MEASURES[name].label])];
  const arranged = [["position", "by number"], ["measure", "by measure"]]; // prettier-ignore
  return [
    { kind: "list", name: "measure", label: "Measure", options, value: measure, help: MEASURE_HELP },
    ...(measure
      ? [{ kind: "choice", name: "arrange", label: "Heads", options: arranged, value: told.look.arrange, help: ARRANGE_HELP }]
      : []),
    ...levelControl(told),
    ...specialControl(told),
    ...differenceControl(told),
  ];
}

const MEASURE_HELP = "A strip above each head: the stronger its colour, the larger the measure among all heads on show.";
const ARRANGE_HELP = "By measure: the heads of each layer, the most first as the first panel has it, with their numbers.";

/** A head alone, in the head view. */
function open({ rows }, { index }) {
  const [layer, head] = [Math.floor(index / rows.n_heads), index % rows.n_heads];
  return { look: { layer, heads: [head], head }, view: "Head view" };
}
