/**
 * What a view looks at and how: the same choices for all views, made to fit what is there.
 *
 * @typedef {{layer: number, heads: number[] | null, head: number | null, focus: number[], level: "tokens" | "words",
 *   special: "shown" | "hidden" | "renormalised", between: "all" | "aa" | "ab" | "ba" | "bb", least: number,
 *   top: number | null, combine: "each" | "mean" | "max", order: "text" | "weight", form: "auto" | "lines" | "matrix",
 *   layout: "arc" | "circle" | "radial", edge: number, difference: [number, number] | null,
 *   measure: string | null, arrange: "position" | "measure"}} Look  as in views/look.py
 * @typedef {{id: string, title: string, prediction: {label: string, probability: number} | null, n_layers: number,
 *   n_heads: number, n_tokens: number, tokens: string, off?: [number, number][], signed?: boolean}} Subject  what a panel
 *   shows; off: layers and heads that are switched off
 * @typedef {{text: string, words: string[], n_texts: number, colours: any, panels: Subject[], base: string | null,
 *   look: Look, usual: Look, link: Record<string, string[]>}} Meta  usual: the look of a page that nobody has touched;
 *   link: what a link to the page must say besides
 */

/**
 * The look with every choice that the panels do not have made one that they have.
 *
 * @param {Look} look
 * @param {Meta} meta
 * @returns {Look}
 */
export function fitted(look, meta) {
  const { layers, heads } = largest(meta);
  const chosen = look.heads?.filter((head) => head < heads) ?? null;
  return {
    ...look,
    layer: Math.min(look.layer, Math.max(layers - 1, 0)),
    heads: chosen && chosen.length === heads ? null : chosen,
    head: look.head !== null && look.head < heads ? look.head : null,
    focus: look.focus.filter((word) => word < meta.words.length),
    difference: look.difference && comparable(meta, look.difference) ? look.difference : null,
  };
}

/**
 * How many layers and heads there are to choose from: those that any panel has.
 *
 * @param {Meta} meta
 */
export function largest({ panels }) {
  const most = (values) => Math.max(0, ...values);
  return { layers: most(panels.map((p) => p.n_layers)), heads: most(panels.map((p) => p.n_heads)) };
}

/**
 * The heads on show in any panel, ascending.
 *
 * @param {Look} look
 * @param {Meta} meta
 * @returns {number[]}
 */
export function headsOf(look, meta) {
  return headsIn(look, { n_heads: largest(meta).heads });
}

/**
 * The heads on show in one panel, ascending: those of the chosen ones that it has, or all of its own.
 *
 * @param {Look} look
 * @param {{n_heads: number}} subject
 * @returns {number[]}
 */
export function headsIn({ heads }, { n_heads }) {
  return heads ? heads.filter((head) => head < n_heads) : Array.from({ length: n_heads }, (_, head) => head);
}

/**
 * Whether the difference of two panels can be shown.
 *
 * @param {Meta} meta
 * @param {[number, number]} pair
 */
export function comparable({ panels }, [a, b]) {
  const [one, other] = [panels[a], panels[b]];
  return Boolean(one && other && a !== b && one.n_layers === other.n_layers && one.n_heads === other.n_heads);
}

/**
 * What the panels show: each checkpoint, and the difference b − a where one is chosen.
 *
 * @param {Look} look
 * @param {Meta} meta
 * @returns {Subject[]}
 */
export function subjectsOf(look, meta) {
  if (!look.difference) return meta.panels;
  const [a, b] = look.difference.map((place) => meta.panels[place]);
  const difference = { ...b, id: `${b.id}-${a.id}`, title: `${b.title} − ${a.title}`, prediction: null, off: [], signed: true };
  return [...meta.panels, difference];
}

/**
 * Whether the difference's models read other tokens, so that it is of words.
 *
 * @param {Look} look
 * @param {Meta} meta
 */
export function differsInTokens(look, meta) {
  if (!look.difference) return false;
  const [a, b] = look.difference.map((place) => meta.panels[place]);
  return a.tokens !== b.tokens;
}
