/** Panels side by side: a title, a prediction, a canvas that scrolls if it must, a table of numbers. */

import { bdi, element } from "./dom.js";
import { formatPercent } from "./numbers.js";

const LEAST_WIDTH = 264;
const GAP = 16;

/**
 * How many panels stand in a row: as many as fit, and the rows as even as they can be (four panels: 4, 2 or 1).
 *
 * @param {number} count
 * @param {number} width  of all of them
 * @returns {number}
 */
export function columnsFor(count, width) {
  if (count === 0) return 1;
  const fit = Math.min(count, Math.max(1, Math.floor((width + GAP) / (LEAST_WIDTH + GAP))));
  return Math.ceil(count / Math.ceil(count / fit));
}

/**
 * One panel's elements.  The stage scrolls and takes the keyboard; the head stays above it.
 *
 * @typedef {{section: HTMLElement, title: HTMLElement, badge: HTMLElement, prediction: HTMLElement, head: HTMLCanvasElement,
 *   stage: HTMLElement, sheet: HTMLElement, canvas: HTMLCanvasElement, table: HTMLElement}} Panel  sheet: as high as all
 *   that there is to scroll through
 *
 * @returns {Panel}
 */
export function panelElements() {
  const title = element("h3.av-title");
  const badge = element("p.av-badge");
  const prediction = element("p.av-prediction");
  const head = element("canvas.av-head", { "aria-hidden": "true" });
  const canvas = element("canvas.av-canvas", { role: "img" });
  const sheet = element("div.av-sheet", {}, canvas);
  const stage = element("div.av-stage", { role: "group", tabindex: 0 }, sheet);
  const table = element("div.av-numbers.av-unseen", { role: "group", tabindex: -1 });
  const section = element("section.av-panel", {}, element("header", {}, title, badge, prediction), head, stage, table);
  return { section, title, badge, prediction, head, stage, sheet, canvas, table };
}

/**
 * The panel of a checkpoint that lacks what is looked at: its title, and why there is nothing below.
 *
 * @param {import("./lacking.js").Lacking} lacking
 * @returns {HTMLElement}
 */
export function lackingPanel({ title, reason }) {
  const header = element("header", {}, element("h3.av-title", { title }, bdi(title)));
  return element("section.av-panel.av-lacking", {}, header, element("p", {}, reason));
}

/**
 * Writes a panel's title, a badge beside it ("" for none) and its prediction.
 *
 * @param {Panel} panel
 * @param {{title: string, prediction: {label: string, probability: number} | null}} meta
 * @param {string} badge
 */
export function namePanel(panel, { title, prediction }, badge) {
  panel.badge.textContent = badge;
  panel.title.replaceChildren(bdi(title));
  panel.title.title = title;
  panel.table.setAttribute("aria-label", `Numbers of ${title}`);
  const parts = prediction ? [bdi(prediction.label), ` · ${formatPercent(prediction.probability)}`] : [];
  panel.prediction.replaceChildren(...parts);
}

/**
 * Scrolls a stage so far that what lies between two heights is seen.
 *
 * @param {HTMLElement} stage
 * @param {number} top
 * @param {number} bottom
 */
export function scrollTo(stage, top, bottom) {
  if (top < stage.scrollTop) stage.scrollTop = top;
  if (bottom > stage.scrollTop + stage.clientHeight) stage.scrollTop = bottom - stage.clientHeight;
}

/**
 * Keeps the stages of panels that are equally tall at the same place.
 *
 * @param {Panel[]} panels
 * @param {AbortSignal} signal
 */
export function scrollTogether(panels, signal) {
  for (const { stage } of panels) {
    const follow = () => {
      for (const other of panels) {
        const alike = other.stage !== stage && other.stage.scrollHeight === stage.scrollHeight;
        if (alike && other.stage.scrollTop !== stage.scrollTop) other.stage.scrollTop = stage.scrollTop;
      }
    };
    stage.addEventListener("scroll", follow, { signal, passive: true });
  }
}
