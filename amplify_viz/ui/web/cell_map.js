/** A map of numbers, such as layers by heads: a real table whose cells are buttons, coloured by what they hold. */

import { css, inkOn, onBackground, parseColour } from "./colour.js";
import { bdi, element, replaceChildren } from "./dom.js";
import { gradient } from "./legend.js";
import { depthOf, places } from "./map_cells.js";
import { stepped } from "./p_cells.js";
import { component } from "./streamlit.js";
import { readTheme } from "./theme.js";
import { View } from "./view.js";

const SHADES = 9;
/** A column as wide as this, in pixels, has room for the numbers. */
const ROOM = 34;
const HEADING = 84;

/**
 * Draws the map into an element.
 *
 * @type {import("./streamlit.js").Mount}
 */
export function mount(parent, bytes, { onChange = () => {} } = {}) {
  const view = new CellMap(parent, onChange);
  view.update(bytes);
  return view;
}
export default component(mount);

class CellMap extends View {
  #onChange;
  #meta = null;
  #at = { row: 0, column: 0 };
  #buttons = [];
  #paints = 0;

  constructor(parent, onChange) {
    super(parent, "cell-map");
    this.#onChange = onChange;
    this.frame.body.classList.add("av-scroll");
  }

  receive({ meta }) {
    this.#meta = meta;
    this.refit();
  }

  refit() {
    const { frame, root } = this;
    if (!this.#meta) return;
    delete root.dataset.ready;
    if (frame.body.clientWidth === 0) return;
    const theme = readTheme(root, this.#meta.colours);
    const shade = onBackground(parseColour(this.#meta.colours.shade), theme.background);
    const colour = (share) => depthOf(share, theme, this.#meta.legend.signed ? null : shade);
    const own = (fill) => onBackground(parseColour(fill), theme.background);
    replaceChildren(frame.body, [this.#table(({ share, fill }) => fill ? own(fill) : share === null ? null : colour(share))]);
    this.#writeLegend(colour, own);
    frame.note.textContent = this.#meta.note;
    this.#paints += 1;
    root.dataset.ready = `paint=${this.#paints}`;
  }

  #writeLegend(colour, own) {
    const { caption, low, high, signed, keys: kinds } = this.#meta.legend;
    if (kinds.length) {
      const key = ([name, fill]) => {
        return element("span.av-key", {}, element("span.av-dot", { style: `background: ${css(own(fill))}` }), name);
      };
      this.frame.legend.replaceChildren(element("span.av-key", {}, caption), ...kinds.map(key));
      return;
    }
    const shares = Array.from({ length: SHADES }, (_, i) => (signed ? -1 : 0) + ((signed ? 2 : 1) * i) / (SHADES - 1));
    const none = element("span.av-key", {}, element("span.av-dot.av-untested"), "none");
    const holes = this.#meta.cells.some(({ share }) => share === null);
    const keys = [gradient(caption, shares.map((share) => css(colour(share))), low, high), ...(holes ? [none] : [])];
    this.frame.legend.replaceChildren(...keys);
  }

  #table(fillOf) {
    const { corner, rows, columns, cells } = this.#meta;
    const grid = places(cells, rows.length, columns.length);
    const width = (this.frame.body.clientWidth - HEADING) / Math.max(columns.length, 1);
    this.#at = { row: Math.min(this.#at.row, rows.length - 1), column: Math.min(this.#at.column, columns.length - 1) };
    this.#buttons = grid.map((line, row) => {
      return line.map((cell, column) => cell && this.#button(cell, { row, column }, fillOf(cell), width >= ROOM));
    });
    const heading = (text, scope) => element("th", { scope, title: text }, bdi(text));
    const head = element("tr", {}, element("td", {}, corner), ...columns.map((text) => heading(text, "col")));
    const lines = rows.map((text, row) => {
      return element("tr", {}, heading(text, "row"), ...this.#buttons[row].map((cell) => element("td", {}, cell)));
    });
    return element("table.av-map.av-down.av-cells", { onkeydown: (event) => this.#step(event) }, head, ...lines);
  }

  #button({ text, name, facts, change }, at, fill, written) {
    const explain = (point) => this.#explain(name, facts, point);
    const hide = () => this.frame.tooltip.hide();
    const attributes = {
      type: "button",
      tabindex: at.row === this.#at.row && at.column === this.#at.column ? 0 : -1,
      style: fill && `background: ${css(fill)}; color: ${css(inkOn(fill))}`,
      "aria-label": `${name}: ${text}`,
      onpointermove: (event) => explain({ x: event.clientX, y: event.clientY }),
      onpointerleave: hide,
      onfocus: (event) => event.target.matches(":focus-visible") && explain(cornerOf(event.target)),
      onblur: hide,
      onclick: () => change && this.#onChange({ look: change, view: this.#meta.opens }),
    };
    const tag = fill ? "button.av-cell" : "button.av-cell.av-untested";
    return element(tag, attributes, written ? element("span", {}, text) : null);
  }

  #explain(name, facts, point) {
    const rows = facts.map(([label, fact]) => ({ heading: { label }, cells: [fact] }));
    this.frame.tooltip.show({ heading: name, detail: "", table: { corner: "", columns: [], rows } }, point);
  }

  #step(event) {
    const { rows, columns } = this.#meta;
    if (event.key === "Escape") this.frame.tooltip.hide();
    const to = event.key === "Escape" ? null : stepped(this.#at, event.key, { rows: rows.length, columns: columns.length });
    if (!to) return;
    event.preventDefault();
    this.#buttons[this.#at.row][this.#at.column]?.setAttribute("tabindex", "-1");
    this.#at = to;
    const button = this.#buttons[to.row][to.column];
    button?.setAttribute("tabindex", "0");
    button?.focus();
  }
}

function cornerOf(node) {
  const { right, bottom } = node.getBoundingClientRect();
  return { x: right, y: bottom };
}
