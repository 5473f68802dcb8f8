/**
 * What a model view shows, read from the thumbnails: panels whose rows are the heads, measures, and the heads' order.
 *
 * @typedef {{values: Uint8Array, rows: number, scale: number, full: number, pooled: number,
 *   measures: Record<string, number[][] | null>}} Thumbs  values: [layer, head, row, row]; scale: what the bytes furthest
 *   from zero stand for; full: what is shown in full colour
 */

/** A smaller difference of weights is never shown in full colour. */
const LEAST_DIFFERENCE = 0.001;

/** Every measure by name: what it is called, in few words too, its unit, and whether it is of two panels. */
export const MEASURES = {
  entropy: { label: "entropy", short: "entropy", unit: "nats", pair: false },
  distance: { label: "distance", short: "distance", unit: "tokens", pair: false },
  special: { label: "share on special tokens", short: "special tokens", unit: "", pair: false },
  first: { label: "share on the first token", short: "first token", unit: "", pair: false },
  across: { label: "share across sentences", short: "sentences", unit: "", pair: false },
  absolute: { label: "difference of weights", short: "difference", unit: "", pair: true },
  divergence: { label: "divergence", short: "divergence", unit: "bits", pair: true },
};

/**
 * The measures that can be chosen.
 *
 * @param {import("./canvas_view.js").Told} told
 * @returns {string[]}
 */
export function measuresOf({ meta, look }) {
  return Object.keys(MEASURES).filter((name) => {
    return MEASURES[name].pair ? look.difference !== null : name !== "across" || meta.n_texts > 1;
  });
}

/**
 * The measure on show, or null.
 *
 * @param {import("./canvas_view.js").Told} told
 * @returns {string | null}
 */
export function measureOf(told) {
  return measuresOf(told).includes(told.look.measure) ? told.look.measure : null;
}

/**
 * The model of the model view.  A head's index is layer × n_heads + head.
 *
 * @param {import("./canvas_view.js").Told} told
 */
export function readModel({ meta, look, subjects, payloads }) {
  const panels = subjects.map(panelOf);
  const thumbs = payloads.map(thumbsOf);
  const measure = measureOf({ meta, look });
  const model = { meta, look, panels, thumbs, measure, names: measuresOf({ meta, look }) };
  const values = panels.map((_, panel) => (measure ? measured(model, panel, measure) : null));
  const all = values.flat(2).filter(Number.isFinite);
  const range = all.length ? { low: Math.min(...all), high: Math.max(...all) } : null;
  const first = values.find((found) => found !== null) ?? null;
  const sorted = look.arrange === "measure" && first !== null;
  return { ...model, values, range, sorted, orders: panels.map((rows) => orderOf(rows, sorted ? first : null)) };
}

function panelOf(subject) {
  const labels = Array.from({ length: subject.n_layers * subject.n_heads }, (_, index) => nameOf(index, subject));
  return { ...subject, labels, words: labels.map(() => null), segments: labels.map(() => null) };
}

/** A head in words, counted from one. */
function nameOf(index, { n_heads }) {
  return `layer ${Math.floor(index / n_heads) + 1}, head ${(index % n_heads) + 1}`;
}

function thumbsOf({ meta, arrays }) {
  const { values, shape } = arrays.thumbnails;
  const full = Math.max(meta.scale, LEAST_DIFFERENCE);
  return { values, rows: shape[3], scale: meta.scale, full, pooled: meta.pooled, measures: meta.measures };
}

/**
 * A measure of a panel's heads, or null where it has none: the two panels of a difference have those of both.
 *
 * @param {any} model
 * @param {number} panel
 * @param {string} name
 * @returns {number[][] | null}  [layer][head]
 */
export function measured({ look, panels, thumbs }, panel, name) {
  if (!MEASURES[name].pair) return thumbs[panel].measures[name] ?? null;
  const compared = panels[panel].signed || look.difference?.includes(panel);
  const last = panels.length - 1; // the difference
  return compared && panels[last].signed ? thumbs[last].measures[name] : null;
}

/**
 * A measure of one head, or null.
 *
 * @param {any} model
 * @param {number} panel
 * @param {string} name
 * @param {number} index
 */
export function measuredAt(model, panel, name, index) {
  const heads = model.panels[panel].n_heads;
  return measured(model, panel, name)?.[Math.floor(index / heads)]?.[index % heads] ?? null;
}

/**
 * The heads of each layer from left to right: as they are counted, or the largest measure first.
 *
 * @param {{n_layers: number, n_heads: number}} rows
 * @param {number[][] | null} values  to sort by, perhaps of fewer layers or heads; those without one come last
 * @returns {number[][]}
 */
export function orderOf({ n_layers, n_heads }, values) {
  return Array.from({ length: n_layers }, (_, layer) => {
    const of = (head) => values?.[layer]?.[head] ?? -Infinity;
    const heads = Array.from({ length: n_heads }, (_, head) => head);
    return values ? heads.sort((a, b) => (of(a) === of(b) ? a - b : of(b) - of(a))) : heads;
  });
}

/**
 * Where one panel's head is in another: the same layer and head, or null where it has none.
 *
 * @param {{n_heads: number}} from
 * @param {{n_layers: number, n_heads: number}} to
 * @param {number} index
 */
export function sameHead(from, to, index) {
  const [layer, head] = [Math.floor(index / from.n_heads), index % from.n_heads];
  return layer < to.n_layers && head < to.n_heads ? layer * to.n_heads + head : null;
}

/**
 * The head that was chosen, or null.
 *
 * @param {{look: import("./look.js").Look}} model
 * @param {{n_layers: number, n_heads: number}} rows
 */
export function chosenHead({ look }, { n_layers, n_heads }) {
  const head = look.heads?.length === 1 ? look.heads[0] : null;
  return head === null || look.layer >= n_layers || head >= n_heads ? null : look.layer * n_heads + head;
}
