/** The table of numbers under each panel: always there for screen readers, seen when asked for. */

import { tableOf } from "./table.js";

/** Tables are written this long after a painting, in milliseconds, and one at a time, so that they never hold one up. */
const DELAY = 60;

export class NumberTables {
  shown = false;
  #panels = [];
  #known = [];
  #timer = 0;

  /**
   * Writes the tables anew if what they depend on has changed.
   *
   * @param {import("./panels.js").Panel[]} panels
   * @param {any[]} depends
   * @param {(panel: number) => import("./table.js").Table} tableAt
   */
  follow(panels, depends, tableAt) {
    if (depends.every((part, i) => part === this.#known[i])) return;
    this.#known = depends;
    this.#panels = panels;
    clearTimeout(this.#timer);
    const write = (panel) => {
      if (panel === panels.length) return this.#reveal();
      panels[panel].table.replaceChildren(tableOf(tableAt(panel)));
      this.#timer = setTimeout(write, 0, panel + 1);
    };
    this.#timer = setTimeout(write, DELAY, 0);
  }

  toggle() {
    this.shown = !this.shown;
    this.#reveal();
  }

  end() {
    clearTimeout(this.#timer);
  }

  /** Seen tables may scroll, so the keyboard must reach them. */
  #reveal() {
    this.#panels.forEach(({ table }) => {
      table.classList.toggle("av-unseen", !this.shown);
      table.tabIndex = this.shown ? 0 : -1;
    });
  }
}
