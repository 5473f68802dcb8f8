/**
 * What a head view has read: each panel's weights, filtered and, where asked for, combined; the scales; lines or matrix.
 *
 * @typedef {{raw: Float32Array, values: Float32Array, size: number, heads: number[],
 *   combined: Float32Array | null}} PanelWeights  raw, values: [head, from, to], as they are and filtered; heads: those of
 *   this panel that are on show; combined: [from, to] over them, where they are combined and several
 * @typedef {{values: Float32Array, heads: number[], scale: number, name: string | null}} Drawn  heads: places in values'
 *   first axis; name: of what is combined, null for heads by themselves
 */

import { combined, filtered, largest } from "./head_values.js";
import { headsIn, headsOf } from "./look.js";
import { FAINTEST, floorFor } from "./opacity.js";

/** Up to so many rows lines are drawn, if nothing else is asked for. */
const MOST_ROWS = 100;

/**
 * @param {import("./canvas_view.js").Told} told
 */
export function readHeads({ meta, look, subjects, payloads }) {
  const heads = headsOf(look, meta);
  const panels = subjects.map((subject, i) => ({ ...subject, ...payloads[i].meta }));
  const form = formOf(look, Math.max(0, ...panels.map(({ labels }) => labels.length)));
  const together = heads.length > 1 && (form === "matrix" || look.combine !== "each");
  const weights = payloads.map(({ arrays }, i) => {
    const { values: raw, shape } = arrays.weights;
    const [, size] = shape;
    const { between, top } = look;
    const least = panels[i].signed ? 0 : look.least; // a difference is not a weight
    const filter = { segments: panels[i].segments, between: meta.n_texts > 1 ? between : "all", least, top };
    const values = filtered(raw, size, filter);
    const own = headsIn(look, panels[i]);
    const made = together && own.length > 1 ? combined(values, size, { heads: own, how: howOf(look) }) : null;
    return { raw, values, size, heads: own, combined: made };
  });
  const scales = scalesOf(panels, weights, together);
  const model = { meta, look, heads, form, panels, weights, scales, images: [] };
  return { ...model, message: messageOf(model), floors: form === "lines" ? floorsOf(model) : null };
}

function messageOf({ heads, panels }) {
  return panels.length && !heads.length ? "No head is chosen: choose one above to see its attention." : "";
}

/** How heads are combined where they are. */
export function howOf({ combine }) {
  return combine === "max" ? "max" : "mean";
}

/**
 * Lines or a matrix.
 *
 * @param {import("./look.js").Look} look
 * @param {number} size  of the largest panel, in rows
 * @returns {"lines" | "matrix"}
 */
export function formOf({ form }, size) {
  if (form !== "auto") return form;
  return size > MOST_ROWS ? "matrix" : "lines";
}

/** The largest weight, and apart from it the largest difference, of single heads and of combined ones. */
function scalesOf(panels, weights, together) {
  const most = (signed, of) => Math.max(0, ...panels.flatMap((panel, i) => (Boolean(panel.signed) === signed ? of(panel, i) : [])));
  const single = ({ most: each }, i) => weights[i].heads.map((head) => each[head]);
  const joined = (panel, i) => {
    if (weights[i].combined) return [largest(weights[i].combined)];
    return together ? single(panel, i) : []; // a panel with one head of those combined elsewhere is on their scale
  };
  return {
    weight: { each: most(false, single), combined: most(false, joined) },
    difference: { each: most(true, single), combined: most(true, joined) },
  };
}

/** For weights and for differences: the least that is drawn while all lines are, and the faintest that can be seen. */
function floorsOf({ look, panels, weights, scales }) {
  const kind = look.combine === "each" ? "each" : "combined";
  const of = (signed, scale) => {
    const chosen = weights.filter((_, i) => Boolean(panels[i].signed) === signed);
    const drawn = chosen.map(({ values, combined: together }) => ({ values: together ?? values }));
    return { all: floorFor(drawn, scale), faintest: FAINTEST * scale };
  };
  return { weight: of(false, scaleIn(scales.weight, kind)), difference: of(true, scaleIn(scales.difference, kind)) };
}

function scaleIn(scales, kind) {
  return kind === "combined" && scales.combined > 0 ? scales.combined : scales.each;
}

/**
 * What of a panel is drawn now: one head that is pointed at in the controls, the heads on show, or these combined.
 *
 * @param {{model: any, panel: number, rows: any, choice: any}} scene
 * @param {{one?: boolean}} kind  one: as a single matrix [from, to]
 * @returns {Drawn}
 */
export function drawnOf({ model, panel, rows, choice }, { one = false } = {}) {
  const { values, size, heads, combined: together } = model.weights[panel];
  const scales = rows.signed ? model.scales.difference : model.scales.weight;
  const single = (head) => values.subarray(head * size * size, (head + 1) * size * size);
  const joined = one || model.look.combine !== "each";
  if (choice.preview !== null) return alone(one, values, shownHeads({ model, panel, rows, choice }), single, scales.each);
  if (together && joined) {
    const name = `${howOf(model.look)} of ${heads.length} heads`;
    return { values: together, heads: [0], scale: scales.combined, name };
  }
  return alone(one, values, heads, single, joined ? scaleIn(scales, "combined") : scales.each);
}

function alone(one, values, heads, single, scale) {
  if (!one) return { values, heads, scale, name: null };
  const [head] = heads;
  if (head === undefined) return { values: new Float32Array(), heads: [0], scale, name: "No head" };
  return { values: single(head), heads: [0], scale, name: `Head ${head + 1}` };
}

/**
 * The floors of a panel: for weights, or for differences.
 *
 * @param {{model: any, rows: any}} scene
 */
export function floorOf({ model, rows }) {
  return rows.signed ? model.floors.difference : model.floors.weight;
}

/**
 * A panel's heads on show, as they are counted in the weights: one that is pointed at in the controls, or those chosen;
 * none where it lacks them.
 *
 * @param {{model: any, panel: number, rows: any, choice: any}} scene
 * @returns {number[]}
 */
export function shownHeads({ model, panel, rows, choice }) {
  return choice.preview === null ? model.weights[panel].heads : [choice.preview].filter((head) => head < rows.n_heads);
}
