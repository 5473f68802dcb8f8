/** Checkpoints of different shape side by side: a panel whose model lacks what is looked at says so, and draws nothing. */

import { headsIn, subjectsOf } from "./look.js";
import { formatRanges } from "./numbers.js";

/**
 * What a view reads: the panels that have what is looked at, as if the others were not there; and these, with a reason.
 *
 * @typedef {{place: number, title: string, reason: string}} Lacking  place: among all panels
 *
 * @param {import("./look.js").Look} look
 * @param {import("./look.js").Meta} meta
 * @param {{signed: boolean, lack?: (look: import("./look.js").Look, subject: import("./look.js").Subject) => string | null}} view
 * @returns {{told: {meta: import("./look.js").Meta, look: import("./look.js").Look,
 *   subjects: import("./look.js").Subject[]}, lacking: Lacking[]}}
 */
export function parted(look, meta, { signed, lack = () => null }) {
  const all = signed ? subjectsOf(look, meta) : meta.panels;
  const reasons = all.map((subject) => lack(look, subject));
  const has = (_, place) => reasons[place] === null;
  const panels = meta.panels.filter(has);
  const pair = look.difference?.map((place) => panels.indexOf(meta.panels[place])) ?? null;
  const difference = pair?.every((place) => place >= 0) ? pair : null;
  const lacking = all.map(({ title }, place) => ({ place, title, reason: reasons[place] })).filter(({ reason }) => reason !== null);
  return { told: { meta: { ...meta, panels }, look: { ...look, difference }, subjects: all.filter(has) }, lacking };
}

/**
 * Why a panel has nothing of the layer, in a sentence, or null.
 *
 * @param {{layer: number}} look
 * @param {{n_layers: number}} subject
 */
export function lackOfLayer({ layer }, { n_layers }) {
  return layer < n_layers ? null : `No layer ${layer + 1}: this checkpoint has ${n_layers}.`;
}

/**
 * Why a panel has nothing of a head, in a sentence, or null.
 *
 * @param {number} head
 * @param {{n_heads: number}} subject
 */
export function lackOfHead(head, { n_heads }) {
  return head < n_heads ? null : `No head ${head + 1}: this checkpoint has ${n_heads}.`;
}

/**
 * Why a panel has nothing of the heads on show, in a sentence, or null; where none is chosen the view itself says so.
 *
 * @param {import("./look.js").Look} look
 * @param {{n_heads: number}} subject
 */
export function lackOfHeads(look, subject) {
  if (!look.heads?.length || headsIn(look, subject).length) return null;
  if (look.heads.length === 1) return lackOfHead(look.heads[0], subject);
  return `None of the heads chosen: this checkpoint has ${subject.n_heads}.`;
}

/**
 * Which of the chosen heads some panels lack, a sentence a panel.
 *
 * @param {import("./look.js").Look} look
 * @param {import("./look.js").Subject[]} panels
 * @returns {string[]}
 */
export function headsLacked({ heads }, panels) {
  return panels.flatMap(({ title, n_heads, signed }) => {
    const none = signed ? [] : (heads ?? []).filter((head) => head >= n_heads);
    return none.length ? [`${title} has ${n_heads} ${n_heads === 1 ? "head" : "heads"}, and no head ${formatRanges(none)}.`] : [];
  });
}
