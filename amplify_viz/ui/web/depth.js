import { mix } from "./colour.js";

/**
 * A shade of a colour: nearly the page's own for nothing, the colour itself, and towards the text's for everything.
 *
 * @param {number} share  0 to 1
 * @param {{background: import("./colour.js").Rgb, text: import("./colour.js").Rgb}} theme
 * @param {import("./colour.js").Rgb} rgb
 * @returns {import("./colour.js").Rgb}
 */
export function depth(share, { background, text }, rgb) {
  return share < TURN ? mix(background, rgb, 0.04 + (share / TURN) * 0.96) : mix(rgb, text, (share - TURN) * 1.8);
}

const TURN = 0.7;
