/**
 * What is pinned and what is hovered, as one value that only these functions change.
 *
 * Pins follow the focus words of the look; a special token, or a word looked at from the other side, is pinned in this
 * view alone.
 *
 * @typedef {import("./places.js").Place} Place
 * @typedef {"from" | "to"} Side
 * @typedef {{place: Place, side: Side}} Spot
 * @typedef {Spot & {panel: number, index: number}} Hover
 * @typedef {{pins: Spot[], pin: Spot | null, hover: Hover | null, echo: number | null, preview: number | null,
 *   zoom: import("./matrix_zoom.js").Zoom | null}} Choice  pins: all on one side; pin: the last of them; echo: the word
 *   another view points at; preview: a head shown alone; zoom: the part of a matrix that is seen, null at first
 */

import { samePlace, wordPlace } from "./places.js";

/**
 * A fresh choice: the focus words are pinned, nothing is hovered.
 *
 * @param {number[]} focus
 * @returns {Choice}
 */
export function choose(focus) {
  return withPins({ pins: [], pin: null, hover: null, echo: null, preview: null, zoom: null }, spotsOf(focus));
}

/**
 * The choice with other pins.
 *
 * @param {Choice} choice
 * @param {Spot[]} pins
 * @returns {Choice}
 */
export function withPins(choice, pins) {
  return { ...choice, pins, pin: pins.at(-1) ?? null };
}

function spotsOf(focus) {
  return focus.map((word) => ({ place: wordPlace(word), side: "from" }));
}

/**
 * The words that are pinned, for the look.
 *
 * @param {Choice} choice
 * @returns {number[]}
 */
export function focusOf({ pins }) {
  return [...new Set(pins.map(({ place }) => place.word).filter((word) => word !== null))];
}

/**
 * The choice after a click.
 *
 * A click on what is pinned lets go of it, where the view can do without; `add` keeps the others on the same side.
 *
 * @param {Choice} choice
 * @param {Spot} spot
 * @param {{canRelease: boolean, add?: boolean}} view
 * @returns {Choice}
 */
export function pinned(choice, { place, side }, { canRelease, add = false }) {
  const spot = { place, side };
  const isIt = (other) => samePlace(other.place, place) && other.side === side;
  const others = add ? choice.pins.filter((other) => other.side === side && !isIt(other)) : [];
  const released = canRelease && choice.pins.some(isIt) && (add || choice.pins.length === 1);
  return withPins(choice, released ? others : [...others, spot]);
}

/**
 * The choice after Escape: first the hover goes, then the pins where the view can do without.
 *
 * @param {Choice} choice
 * @param {boolean} canRelease
 * @returns {Choice}
 */
export function cleared(choice, canRelease) {
  if (choice.hover) return { ...choice, hover: null };
  return canRelease ? withPins(choice, []) : choice;
}

/**
 * The choice after a new look: what was pinned here stays while text and focus stay, or where the focus came from it.
 *
 * @param {Choice} choice
 * @param {{text: string, level: string, focus: number[]} | null} before
 * @param {{text: string, level: string, focus: number[]}} now
 * @returns {Choice}
 */
export function received(choice, before, now) {
  if (before === null || before.text !== now.text) return choose(now.focus);
  const hover = before.level === now.level ? choice.hover : null;
  const ours = [before.focus, focusOf(choice)].some((focus) => String(focus) === String(now.focus));
  return withPins({ ...choice, hover }, ours ? choice.pins : spotsOf(now.focus));
}
