/**
 * The colours and the font of the page around a view, as a canvas needs them.
 *
 * @typedef {import("./colour.js").Rgb} Rgb
 * @typedef {{text: Rgb, muted: Rgb, background: Rgb, border: Rgb, focus: Rgb, positive: Rgb, negative: Rgb,
 *   family: string, dark: boolean}} Theme
 */

import { isDark, mix, onBackground, parseColour, standingOut } from "./colour.js";

const TEXT_CONTRAST = 4.5;

/**
 * Reads the theme from a view's element, whose style maps Streamlit's variables to `--av-…` (see views.css).
 *
 * @param {HTMLElement} root
 * @param {{positive: string, negative: string, focus: string}} colours  as Python names them
 * @returns {Theme}
 */
export function readTheme(root, colours) {
  const style = getComputedStyle(root);
  const [text, background, border] = ["--av-text", "--av-background", "--av-border"].map((name) =>
    resolve(style.getPropertyValue(name)),
  );
  const onPage = (colour) => onBackground(parseColour(colour), background);
  return {
    text,
    background,
    border,
    muted: standingOut(mix(background, text, 0.66), background, TEXT_CONTRAST),
    focus: standingOut(onPage(colours.focus), background, TEXT_CONTRAST),
    positive: onPage(colours.positive),
    negative: onPage(colours.negative),
    family: style.fontFamily,
    dark: isDark(background),
  };
}

let scratch = null;

/** Any CSS colour as numbers: a canvas knows them all and answers in one of two forms. */
function resolve(value) {
  scratch ??= document.createElement("canvas").getContext("2d");
  scratch.fillStyle = "#000";
  scratch.fillStyle = value.trim();
  return parseColour(scratch.fillStyle);
}
