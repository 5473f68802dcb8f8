/**
 * Colours as [red, green, blue], 0 to 255: read, mixed, compared.
 *
 * @typedef {[number, number, number]} Rgb
 */

/**
 * Reads "#rgb", "#rrggbb" or "rgb(a)(r, g, b…)", the forms in which a canvas gives a colour back; alpha is dropped.
 *
 * @param {string} text
 * @returns {Rgb}
 */
export function parseColour(text) {
  const hex = /^#([0-9a-f]{3}|[0-9a-f]{6})(?:[0-9a-f]{2})?$/i.exec(text)?.[1];
  if (hex) {
    const pairs = hex.length === 3 ? [...hex].map((digit) => digit + digit) : hex.match(/../g);
    return pairs.map((pair) => parseInt(pair, 16));
  }
  const numbers = text.match(/[\d.]+/g);
  if (!text.startsWith("rgb") || !numbers || numbers.length < 3) throw new RangeError(`not a colour: ${text}`);
  return numbers.slice(0, 3).map(Number);
}

/**
 * The colour as CSS, with an opacity.
 *
 * @param {Rgb} rgb
 * @param {number} alpha
 */
export function css(rgb, alpha = 1) {
  return `rgba(${rgb.map(Math.round).join(", ")}, ${Number(alpha.toFixed(4))})`;
}

/**
 * What `share` (0 to 1) of the second colour over the first looks like.
 *
 * @param {Rgb} under
 * @param {Rgb} over
 * @param {number} share
 * @returns {Rgb}
 */
export function mix(under, over, share) {
  return under.map((channel, i) => channel + (over[i] - channel) * share);
}

/**
 * Relative luminance, 0 for black to 1 for white (WCAG 2.2).
 *
 * @param {Rgb} rgb
 */
export function luminance(rgb) {
  const [red, green, blue] = rgb.map(linear);
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/**
 * Contrast ratio, 1 to 21 (WCAG 2.2).
 *
 * @param {Rgb} a
 * @param {Rgb} b
 */
export function contrast(a, b) {
  const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
}

/**
 * The colour itself where it stands out from the background, else the nearest mix with black or white that does.
 *
 * @param {Rgb} rgb
 * @param {Rgb} background
 * @param {number} least  the contrast to reach
 * @returns {Rgb}
 */
export function standingOut(rgb, background, least) {
  const end = isDark(background) ? [255, 255, 255] : [0, 0, 0];
  for (let share = 0; share < 1; share += 0.05) {
    const mixed = mix(rgb, end, share);
    if (contrast(mixed, background) >= least) return mixed;
  }
  return end;
}

/**
 * Black or white, whichever reads better on the colour.
 *
 * @param {Rgb} rgb
 * @returns {Rgb}
 */
export function inkOn(rgb) {
  return contrast(rgb, [255, 255, 255]) >= contrast(rgb, [0, 0, 0]) ? [255, 255, 255] : [0, 0, 0];
}

/**
 * The colour in OKLab: lightness 0 to 1, and two opponent axes (B. Ottosson 2020,
 * https://bottosson.github.io/posts/oklab/).
 *
 * @param {Rgb} rgb
 * @returns {[number, number, number]}
 */
export function toOklab(rgb) {
  const [red, green, blue] = rgb.map(linear);
  const l = Math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue);
  const m = Math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue);
  const s = Math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}

/**
 * A colour of OKLab on the screen; where the screen has no such colour, the nearest paler one of its lightness and hue.
 *
 * @param {[number, number, number]} lab
 * @returns {Rgb}
 */
export function fromOklab([lightness, a, b]) {
  for (let share = 1; share > 0; share -= 0.05) {
    const channels = linearFromOklab(lightness, a * share, b * share);
    if (channels.every((channel) => channel >= -1e-4 && channel <= 1.0001)) return channels.map(gamma);
  }
  return linearFromOklab(lightness, 0, 0).map(gamma);
}

function linearFromOklab(lightness, a, b) {
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ];
}

function linear(channel) {
  const share = channel / 255;
  return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
}

function gamma(light) {
  const share = Math.min(Math.max(light, 0), 1);
  return 255 * (share <= 0.0031308 ? 12.92 * share : 1.055 * share ** (1 / 2.4) - 0.055);
}

/** Lightness of OKLab, 0.3 to 0.8 in the palette, goes to this range where the page is dark. */
const RAISED = { least: 0.53, share: 0.72, from: 0.3 };

/**
 * A colour of the palette, which is made for white paper, as it is drawn on this background: on a dark one all colours
 * are raised by one rule, so they stay apart.
 *
 * @param {Rgb} rgb
 * @param {Rgb} background
 * @returns {Rgb}
 */
export function onBackground(rgb, background) {
  if (!isDark(background)) return rgb;
  const [lightness, a, b] = toOklab(rgb);
  return fromOklab([RAISED.least + (lightness - RAISED.from) * RAISED.share, a, b]);
}

/** @param {Rgb} background */
export function isDark(background) {
  return luminance(background) < 0.18;
}
