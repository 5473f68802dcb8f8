/**
 * A canvas context with the theme at hand: text that fits, boxes, colours.
 *
 * @typedef {import("./colour.js").Rgb} Rgb
 */

import { css } from "./colour.js";
import { ellipsise, measurer } from "./label.js";

const measures = new WeakMap();

/** Two pens of one theme share what they measured. */
export class Pen {
  /**
   * @param {CanvasRenderingContext2D} context
   * @param {import("./theme.js").Theme} theme
   */
  constructor(context, theme) {
    this.context = context;
    this.theme = theme;
  }

  /**
   * Width of a text in CSS pixels.
   *
   * @param {string} text
   * @param {number} size
   * @param {number} weight
   */
  width(text, size, weight = 400) {
    return this.#measure(size, weight)(text);
  }

  /**
   * Writes a text, cut to a width if need be.
   *
   * @param {string} text
   * @param {number} x
   * @param {number} y  of its middle
   * @param {{size: number, rgb: Rgb, align?: CanvasTextAlign, weight?: number, room?: number, alpha?: number}} style
   */
  write(text, x, y, { size, rgb, align = "left", weight = 400, room = Infinity, alpha = 1 }) {
    const shown = room === Infinity ? text : ellipsise(text, room, this.#measure(size, weight));
    this.context.font = this.#font(size, weight);
    this.context.textAlign = align;
    this.context.fillStyle = css(rgb, alpha);
    this.context.fillText(shown, x, y);
  }

  /**
   * Fills a box with round corners.
   *
   * @param {number} x
   * @param {number} y
   * @param {number} width
   * @param {number} height
   * @param {{rgb: Rgb, alpha?: number, radius?: number}} style
   */
  box(x, y, width, height, { rgb, alpha = 1, radius = 3 }) {
    this.context.fillStyle = css(rgb, alpha);
    this.context.beginPath();
    this.context.roundRect(x, y, width, height, radius);
    this.context.fill();
  }

  #font(size, weight) {
    return `${weight} ${size}px ${this.theme.family}`;
  }

  #measure(size, weight) {
    if (!measures.has(this.theme)) measures.set(this.theme, new Map());
    const known = measures.get(this.theme);
    const font = this.#font(size, weight);
    if (!known.has(font)) known.set(font, measurer(this.context, font));
    return known.get(font);
  }
}
