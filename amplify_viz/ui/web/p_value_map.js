/** The map of p-values: checkpoints by layers, the darker the smaller p; a real table, since its cells are few. */

import { css, inkOn, onBackground, parseColour } from "./colour.js";
import { depth } from "./depth.js";
import { bdi, element, replaceChildren } from "./dom.js";
import { gradient } from "./legend.js";
import { darkness, factsOf, gridOf, linesIn, noteOn, runsAcross, spoken, stepped } from "./p_cells.js";
import { component } from "./streamlit.js";
import { readTheme } from "./theme.js";
import { View } from "./view.js";

const SHADES = 8;

/**
 * Draws the map into an element.
 *
 * @type {import("./streamlit.js").Mount}
 */
export function mount(parent, bytes, { onChange = () => {} } = {}) {
  const view = new PValueMap(parent, onChange);
  view.update(bytes);
  return view;
}
export default component(mount);

class PValueMap extends View {
  #onChange;
  #meta = null;
  #at = { row: 0, column: 0 };
  #cells = [];
  #paints = 0;

  constructor(parent, onChange) {
    super(parent, "p-values");
    this.#onChange = onChange;
    this.frame.body.classList.add("av-scroll");
  }

  receive({ meta }) {
    this.#meta = meta;
    this.frame.say(meta.rows.length ? "" : "There is nothing to compare: choose at least two checkpoints.");
    this.refit();
  }

  refit() {
    if (!this.#meta) return;
    delete this.root.dataset.ready;
    if (!this.#meta.rows.length) this.root.dataset.ready = "empty";
    if (this.frame.body.clientWidth > 0) this.#draw();
  }

  #draw() {
    const { rows, layer, colours } = this.#meta;
    const theme = readTheme(this.root, colours);
    const shade = onBackground(parseColour(colours.shade), theme.background);
    const table = this.#tableOf(gridOf(rows), (share) => depth(share, theme, shade));
    replaceChildren(this.frame.body, [table]);
    this.#writeLegend(theme, shade);
    const { reference } = rows[0];
    this.frame.note.textContent = noteOn(reference);
    this.#paints += 1;
    table.dataset.ready = `layer=${layer ?? "none"};paint=${this.#paints}`;
    this.root.dataset.ready = table.dataset.ready;
  }

  #writeLegend(theme, shade) {
    const shades = Array.from({ length: SHADES }, (_, i) => css(depth(i / (SHADES - 1), theme, shade)));
    const untested = element("span.av-key", {}, element("span.av-dot.av-untested"), "no test");
    this.frame.legend.replaceChildren(gradient("p-value", shades, "1", `≤1e−${this.#meta.decades}`), untested);
  }

  /** Checkpoints by layers, or layers by checkpoints where the layers do not fit side by side. */
  #tableOf(grid, colour) {
    const { checkpoints, layers, tests } = grid;
    const across = runsAcross(grid, this.frame.body.clientWidth);
    const names = checkpoints.map((name) => ({ text: name, marked: false }));
    const numbers = layers.map((layer) => ({ text: `${layer + 1}`, marked: layer === this.#meta.layer }));
    const [down, right] = across ? [names, numbers] : [numbers, names];
    const size = { rows: down.length, columns: right.length };
    this.#at = { row: Math.min(this.#at.row, size.rows - 1), column: Math.min(this.#at.column, size.columns - 1) };
    this.#cells = down.map((_, row) =>
      right.map((__, column) => {
        const test = across ? tests[row][column] : tests[column][row];
        return test && this.#cellOf(test, { row, column }, colour);
      }),
    );
    const head = element("tr", {}, element("td", {}, "Layer"), ...right.map((heading) => headingOf(heading, "col")));
    const body = down.map((heading, row) => {
      return element("tr", {}, headingOf(heading, "row"), ...this.#cells[row].map((cell) => element("td", {}, cell)));
    });
    const step = (event) => this.#step(event, size);
    return element(across ? "table.av-map" : "table.av-map.av-down", { onkeydown: step }, head, ...body);
  }

  #cellOf(test, at, colour) {
    const share = darkness(test, this.#meta.decades);
    const fill = share === null ? null : colour(share);
    const where = `${test.checkpoint}, layer ${test.layer + 1}`;
    const explain = (point) => this.#explain(test, where, point);
    const hide = () => this.frame.tooltip.hide();
    const attributes = {
      type: "button",
      tabindex: at.row === this.#at.row && at.column === this.#at.column ? 0 : -1,
      style: fill && `background: ${css(fill)}; color: ${css(inkOn(fill))}`,
      "aria-label": `${where}: ${spoken(test)}`,
      onpointermove: (event) => explain({ x: event.clientX, y: event.clientY }),
      onpointerleave: hide,
      onfocus: (event) => event.target.matches(":focus-visible") && explain(cornerOf(event.target)),
      onblur: hide,
      onclick: () => this.#onChange({ look: { layer: test.layer } }),
    };
    const tag = fill ? "button.av-cell" : "button.av-cell.av-untested";
    return element(tag, attributes, ...linesIn(test).map((line) => element("span", {}, line)));
  }

  #explain(test, where, point) {
    const rows = factsOf(test).map(([label, fact]) => ({ heading: { label }, cells: [fact] }));
    const table = { corner: `minus ${test.reference}`, columns: [], rows };
    this.frame.tooltip.show({ heading: where, detail: "", table }, point);
  }

  #step(event, size) {
    const to = event.key === "Escape" ? null : stepped(this.#at, event.key, size);
    if (event.key === "Escape") this.frame.tooltip.hide();
    if (!to) return;
    event.preventDefault();
    this.#cells[this.#at.row][this.#at.column]?.setAttribute("tabindex", "-1");
    this.#at = to;
    const cell = this.#cells[to.row][to.column];
    cell?.setAttribute("tabindex", "0");
    cell?.focus();
  }
}

function cornerOf(cell) {
  const { right, bottom } = cell.getBoundingClientRect();
  return { x: right, y: bottom };
}

function headingOf({ text, marked }, scope) {
  return element("th", { scope, title: text, "aria-current": marked && "true" }, bdi(text));
}
