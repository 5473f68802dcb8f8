/**
 * What is pinned and what is hovered, as one value that only these functions change.
 *
 * The pin follows the focus word that Python sends; a special token, or a word looked at from the other side, is pinned
 * in this view alone.
 *
 * @typedef {import("./places.js").Place} Place
 * @typedef {"from" | "to"} Side
 * @typedef {{place: Place, side: Side}} Spot
 * @typedef {Spot & {panel: number, index: number}} Hover
 * @typedef {{pin: Spot | null, hover: Hover | null, echo: number | null, kept: number | null,
 *   preview: number | null}} Choice  echo: the word another view points at; kept, preview: a head shown alone
 */

import { samePlace, wordPlace } from "./places.js";

/**
 * A fresh choice: the focus word is pinned, nothing is hovered.
 *
 * @param {number | null} focus
 * @returns {Choice}
 */
export function choose(focus) {
  const pin = focus === null ? null : { place: wordPlace(focus), side: "from" };
  return { pin, hover: null, echo: null, kept: null, preview: null };
}

/**
 * The choice after a click, and the word to tell Python about (null where it knows, or need not).
 *
 * A click on what is pinned lets go of it, where the view can do without a pin.
 *
 * @param {Choice} choice
 * @param {Spot} spot
 * @param {{focus: number | null, canRelease: boolean}} view
 * @returns {{choice: Choice, focus: number | null}}
 */
export function pinned(choice, spot, { focus, canRelease }) {
  const again = samePlace(choice.pin?.place ?? null, spot.place) && choice.pin.side === spot.side;
  if (again && canRelease) return { choice: { ...choice, pin: null }, focus: null };
  const word = spot.place.word;
  return { choice: { ...choice, pin: { place: spot.place, side: spot.side } }, focus: word === focus ? null : word };
}

/**
 * The choice after Escape: first the hover goes, then the pin where the view can do without.
 *
 * @param {Choice} choice
 * @param {boolean} canRelease
 * @returns {Choice}
 */
export function cleared(choice, canRelease) {
  if (choice.hover) return { ...choice, hover: null };
  return canRelease ? { ...choice, pin: null, kept: null } : choice;
}

/**
 * The choice after new data: what was pinned here stays while text and focus stay, or where the focus came from it.
 *
 * @typedef {{text: string, focus: number | null, level?: string, heads?: {head: number}[]}} Meta
 *
 * @param {Choice} choice
 * @param {Meta | null} before
 * @param {Meta} now
 * @returns {Choice}
 */
export function received(choice, before, now) {
  if (before === null || before.text !== now.text) return choose(now.focus);
  const hover = before.level === now.level ? choice.hover : null;
  const alone = headsOf(before) === headsOf(now) ? {} : { kept: null, preview: null };
  const here = before.focus === now.focus || (now.focus !== null && choice.pin?.place.word === now.focus);
  return { ...choice, hover, ...alone, pin: here ? choice.pin : choose(now.focus).pin };
}

function headsOf({ heads = [] }) {
  return heads.map(({ head }) => head).join();
}

/**
 * The head that is shown alone, as an index into the heads on show, or null where all are.
 *
 * @param {Choice} choice
 * @returns {number | null}
 */
export function aloneHead({ preview, kept }) {
  return preview ?? kept;
}
