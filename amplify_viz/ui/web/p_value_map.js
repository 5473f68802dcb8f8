/** The map of p-values: checkpoints by layers, the darker the smaller p; a real table, since its cells are few. */

import { css, inkOn, onBackground, parseColour } from "./colour.js";
import { depth } from "./depth.js";
import { bdi, element, replaceChildren } from "./dom.js";
import { gradient } from "./legend.js";
import { DECADES, darkness, factsOf, gridOf, linesIn, runsAcross, stepped } from "./p_cells.js";
import { component } from "./streamlit.js";
import { readTheme } from "./theme.js";
import { View } from "./view.js";

const SHADES = 8;

/**
 * Draws the map into an element.
 *
 * @type {import("./streamlit.js").Mount}
 */
export function mount(parent, bytes, { onSelect = () => {} } = {}) {
  const view = new PValueMap(parent, onSelect);
  view.update(bytes);
  return view;
}
export default component(mount);

class PValueMap extends View {
  #onSelect;
  #meta = null;
  #at = { row: 0, column: 0 };
  #cells = [];
  #paints = 0;

  constructor(parent, onSelect) {
    super(parent, "p-values");
    this.#onSelect = onSelect;
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
    const across = runsAcross(gridOf(rows), this.frame.body.clientWidth);
    const table = this.#tableOf(gridOf(rows), across, (share) => depth(share, theme, shade));
    replaceChildren(this.frame.body, [table]);
    this.#writeLegend(theme, shade);
    this.frame.note.textContent = `Reference: ${rows[0].reference}. In each cell p, and below it the standardised difference.`;
    this.#paints += 1;
    table.dataset.ready = `layer=${layer ?? "none"};paint=${this.#paints}`;
    this.root.dataset.ready = table.dataset.ready;
  }

  #writeLegend(theme, shade) {
    const shades = Array.from({ length: SHADES }, (_, i) => css(depth(i / (SHADES - 1), theme, shade)));
    const untested = element("span.av-key", {}, element("span.av-dot.av-untested"), "no test");
    this.frame.legend.replaceChildren(gradient("p-value", shades, "1", `≤1e−${DECADES}`), untested);
  }

  #tableOf({ checkpoints, layers, tests }, across, colour) {
    const [down, right] = across ? [checkpoints, layers] : [layers, checkpoints];
    const name = (heading) => (typeof heading === "number" ? String(heading + 1) : heading);
    this.#cells = down.map((_, row) =>
      right.map((__, column) => {
        const test = across ? tests[row][column] : tests[column][row];
        return test && this.#cellOf(test, { row, column }, colour);
      }),
    );
    const size = { rows: down.length, columns: right.length };
    this.#at = stepped(this.#at, "", size) ?? { row: 0, column: 0 };
    const heading = (text, scope, marked) =>
      element("th", { scope, title: text, "aria-current": marked && "true" }, bdi(text));
    const marked = (item) => typeof item === "number" && item === this.#meta.layer;
    const head = [element("td", {}, "Layer")].concat(
      right.map((item) => heading(name(item), "col", marked(item))),
    );
    const body = down.map((item, row) =>
      element("tr", {}, heading(name(item), "row", marked(item)), ...this.#cells[row].map((cell) => element("td", {}, cell))),
    );
    return element(across ? "table.av-map" : "table.av-map.av-down", { onkeydown: (event) => this.#step(event, size) }, element("tr", {}, ...head), ...body);
  }

  #cellOf(test, at, colour) {
    const share = darkness(test);
    const fill = share === null ? null : colour(share);
    const where = `${test.checkpoint}, layer ${test.layer + 1}`;
    const lines = linesIn(test);
    return element(
      fill ? "button.av-cell" : "button.av-cell.av-untested",
      {
        type: "button",
        tabindex: at.row === this.#at.row && at.column === this.#at.column ? 0 : -1,
        style: fill && `background: ${css(fill)}; color: ${css(inkOn(fill))}`,
        "aria-label": `${where}: ${share === null ? test.status : `p ${lines[0]}, standardised difference ${lines[1]}`}`,
        onpointermove: (event) => this.#explain(test, where, { x: event.clientX, y: event.clientY }),
        onpointerleave: () => this.frame.tooltip.hide(),
        onfocus: (event) => event.target.matches(":focus-visible") && this.#explain(test, where, cornerOf(event.target)),
        onblur: () => this.frame.tooltip.hide(),
        onclick: () => this.#onSelect({ layer: test.layer }),
      },
      ...lines.map((line) => element("span", {}, line)),
    );
  }

  #explain(test, where, point) {
    const rows = factsOf(test).map(([label, fact]) => ({ heading: { label }, cells: [fact] }));
    const table = { corner: `against ${test.reference}`, columns: [], rows };
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
