/** What every view has: controls, legend and buttons above, a body, a message where there is nothing to draw, tooltip, narrator. */

import { element } from "./dom.js";
import { Tooltip } from "./tooltip.js";

/** The parts of a view, in an element that Streamlit's waiting text may have filled before. */
export class Frame {
  /**
   * @param {ParentNode} parent
   * @param {string} name  of the view
   * @param {AbortSignal} signal  ends its listeners
   */
  constructor(parent, name, signal) {
    this.root = parent.querySelector(".av-view") ?? parent.appendChild(element("div.av-view"));
    this.controls = element("div.av-controls-place");
    this.legend = element("div.av-legend");
    this.actions = element("div.av-actions");
    this.message = element("p.av-message", { role: "status" });
    this.body = element("div.av-body");
    this.note = element("p.av-note");
    this.narrator = element("p.av-unseen", { "aria-live": "polite" });
    this.tooltip = new Tooltip();
    this.root.dataset.view = name;
    this.root.replaceChildren(
      this.controls,
      element("div.av-bar", {}, this.legend, this.actions),
      this.message,
      this.body,
      this.note,
      this.narrator,
      this.tooltip.node,
    );
    // Streamlit binds single letters on the document, and pages scroll at arrow keys.
    this.root.addEventListener("keydown", (event) => event.stopPropagation(), { signal });
  }

  /**
   * Shows a sentence in place of the picture, or the picture again.
   *
   * @param {string} sentence  "" for none
   */
  say(sentence) {
    this.message.textContent = sentence;
    this.root.classList.toggle("av-empty", sentence !== "");
  }

  /** @param {boolean} busy */
  wait(busy) {
    this.root.setAttribute("aria-busy", String(busy));
  }
}
