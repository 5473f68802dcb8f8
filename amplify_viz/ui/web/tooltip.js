/** One tooltip a view: it follows the pointer, never leaves the window and never takes the pointer's events. */

import { bdi, element } from "./dom.js";
import { tableOf } from "./table.js";

const GAP = 14;
const MARGIN = 8;

/**
 * The left or top of a box beside a point: behind it where it fits, else before it, else at the window's edge.
 *
 * @param {number} at  the point
 * @param {number} size  of the box
 * @param {number} room  of the window
 * @returns {number}
 */
export function beside(at, size, room) {
  if (at + GAP + size + MARGIN <= room) return at + GAP;
  if (at - GAP - size >= MARGIN) return at - GAP - size;
  return Math.max(MARGIN, room - size - MARGIN);
}

/** A tooltip, to be put into a view's root. */
export class Tooltip {
  constructor() {
    this.node = element("div.av-tip", { role: "tooltip", hidden: true });
  }

  /**
   * Shows a heading and numbers beside a point of the window.
   *
   * @param {{heading: string, detail: string, table: import("./table.js").Table}} content
   * @param {{x: number, y: number}} point
   */
  show({ heading, detail, table }, { x, y }) {
    const head = element("p", {}, element("strong", {}, bdi(heading)), element("span", {}, detail));
    this.node.replaceChildren(head, tableOf(table));
    this.node.hidden = false;
    const { width, height } = this.node.getBoundingClientRect();
    this.node.style.left = `${beside(x, width, innerWidth)}px`;
    this.node.style.top = `${beside(y, height, innerHeight)}px`;
  }

  hide() {
    this.node.hidden = true;
  }
}
