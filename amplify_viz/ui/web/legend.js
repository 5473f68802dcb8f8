/** Legends: what a colour or an opacity means, with the numbers at its ends. */

import { css } from "./colour.js";
import { element } from "./dom.js";

/**
 * A ramp of one colour from clear to full, with the numbers at its ends.
 *
 * @param {string} caption
 * @param {import("./colour.js").Rgb} rgb
 * @param {string} low
 * @param {string} high
 */
export function ramp(caption, rgb, low, high) {
  return gradient(caption, [css(rgb, 0), css(rgb)], low, high);
}

/**
 * A gradient with the numbers at its ends.
 *
 * @param {string} caption
 * @param {string[]} colours
 * @param {string} low
 * @param {string} high
 */
export function gradient(caption, colours, low, high) {
  return element(
    "span.av-key",
    {},
    element("span", {}, caption),
    element("span.av-number", {}, low),
    element("span.av-ramp", { style: `background: linear-gradient(to right, ${colours.join(", ")})` }),
    element("span.av-number", {}, high),
  );
}
