/**
 * The controls that several views have, described for the toolbar.
 *
 * @typedef {{meta: import("./look.js").Meta, look: import("./look.js").Look}} Told
 * @typedef {import("./toolbar.js").Control} Control
 */

import { css, onBackground, parseColour } from "./colour.js";
import { comparable, largest } from "./look.js";
import { offOf } from "./off.js";

/**
 * The layer; none where there is but one.
 *
 * @param {Told} told
 * @returns {Control[]}
 */
export function layerControl({ meta, look }) {
  const { layers } = largest(meta);
  const write = (layer) => `${layer + 1} of ${layers}`;
  if (layers < 2) return [];
  return [{ kind: "slider", name: "layer", label: "Layer", low: 0, high: layers - 1, value: look.layer, write }];
}

/**
 * The heads on show.
 *
 * @param {Told} told
 * @param {import("./theme.js").Theme} theme
 * @param {(head: number | null) => void} preview
 * @returns {Control[]}
 */
export function headsControl({ meta, look }, theme, preview) {
  const heads = Array.from({ length: largest(meta).heads }, (_, head) => {
    return { head, colour: css(headColour(head, meta, theme)), off: offOf(meta.panels, look.layer, head) };
  });
  return [{ kind: "heads", name: "heads", label: "Heads", heads, value: look.heads, preview }];
}

/**
 * A head's colour on this page; beyond the palette colours repeat.
 *
 * @param {number} head
 * @param {import("./look.js").Meta} meta
 * @param {import("./theme.js").Theme} theme
 */
export function headColour(head, { colours }, theme) {
  return onBackground(parseColour(colours.heads[head % colours.heads.length]), theme.background);
}

/**
 * One head among those on show, or with `mean` their mean.
 *
 * @param {Told} told
 * @param {{mean: boolean}} kind
 * @returns {Control[]}
 */
export function headControl({ meta, look }, { mean }) {
  const name = (head) => `${head + 1}${offOf(meta.panels, look.layer, head).length ? " (off)" : ""}`;
  const heads = Array.from({ length: largest(meta).heads }, (_, head) => [head, name(head)]);
  const options = mean ? [[null, "mean"], ...heads] : heads;
  return [{ kind: "list", name: "head", label: "Head", options, value: mean ? look.head : (look.head ?? 0) }];
}

/**
 * Tokens or words.
 *
 * @param {Told} told
 * @returns {Control[]}
 */
export function levelControl({ look }) {
  const options = [["tokens", "Tokens"], ["words", "Words"]]; // prettier-ignore
  const help = "Attention to a word is summed over its tokens; attention from a word is averaged over them.";
  return [{ kind: "choice", name: "level", label: "Rows", options, value: look.level, help }];
}

/**
 * What becomes of special tokens.
 *
 * @param {Told} told
 * @returns {Control[]}
 */
export function specialControl({ look }) {
  const options = [["shown", "shown"], ["hidden", "hidden"], ["renormalised", "hidden, rest renormalised"]]; // prettier-ignore
  const help = "Hidden: the other weights stay as they are. Renormalised: each row is divided by what is left of it.";
  return [{ kind: "list", name: "special", label: "Special tokens", options, value: look.special, help }];
}

/**
 * Which two panels' difference is shown; where no two of them can be compared it says why, and can only be "none".
 *
 * @param {Told} told
 * @returns {Control[]}
 */
export function differenceControl({ meta, look }) {
  const places = meta.panels.map((_, place) => place);
  const pairs = places.flatMap((a) => places.filter((b) => comparable(meta, [a, b])).map((b) => [a, b]));
  if (meta.panels.length > 1 && !pairs.length) return [noDifference(meta)];
  if (!pairs.length) return [];
  const name = ([a, b]) => `${meta.panels[b].title} − ${meta.panels[a].title}`;
  const options = [[null, "none"], ...pairs.map((pair) => [pair, name(pair)])];
  const help = "One more panel: the weights of the one minus those of the other, blue where it looks more, orange less.";
  return [{ kind: "list", name: "difference", label: "Difference", options, value: look.difference, help }];
}

function noDifference({ panels }) {
  const shapes = panels.map(({ n_layers, n_heads }) => `${n_layers} × ${n_heads}`).join(", ");
  const help = `A difference needs checkpoints with equally many layers and heads; layers × heads of these are ${shapes}.`;
  const options = [[null, "none: layers or heads differ"]];
  return { kind: "list", name: "difference", label: "Difference", options, value: null, help, disabled: true };
}
