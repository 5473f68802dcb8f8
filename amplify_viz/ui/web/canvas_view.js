/**
 * What the canvas views share: panels, hovering, pinning, keyboard, painting.  A view itself is a Definition of pure
 * functions over its model (what it read), layouts (where things are) and the choice (what is pinned and hovered).
 *
 * @typedef {import("./selection.js").Choice} Choice
 * @typedef {import("./places.js").Rows} Rows
 * @typedef {{side: "from" | "to", index: number}} At
 * @typedef {{width: number, height: number}} Layout
 * @typedef {{width: number, pen: import("./pen.js").Pen, choice: Choice}} Room  what a layout has to go by
 * @typedef {{meta: any, panels: Rows[]}} Model
 * @typedef {{model: Model, panel: number, rows: Rows, layout: any, theme: import("./theme.js").Theme,
 *   choice: Choice}} Scene
 * @typedef {{heading: string, detail: string, table: import("./table.js").Table, summary: string}} Tip
 *
 * @typedef {object} Definition
 * @property {string} name
 * @property {boolean} canRelease  whether the view has something to show without a pinned word
 * @property {boolean} sides  whether rows stand on two sides
 * @property {number} headHeight  height of the canvas above the scrolling one
 * @property {(payload: import("./unpack.js").Payload) => Model} read
 * @property {(model: Model, panel: number, room: Room) => Layout} layout
 * @property {(pen: import("./pen.js").Pen, scene: Scene) => void} paint
 * @property {(pen: import("./pen.js").Pen, scene: Scene) => void} paintHead
 * @property {(layout: any, x: number, y: number) => At | null} hit
 * @property {(layout: any, at: At) => {x: number, y: number, height: number}} spot  where a row is
 * @property {(scene: Scene, at: At) => Tip} tip
 * @property {(scene: Scene) => string} describe  what is seen, in a sentence
 * @property {(scene: Scene) => import("./table.js").Table} table  the numbers of the focus row
 * @property {(model: Model, theme: any, choice: Choice, actions: any) => Node[]} legend
 * @property {(model: Model, choice: Choice) => string} note
 */

import { cleared as clearedCanvas } from "./canvas.js";
import { button, replaceChildren } from "./dom.js";
import { moved } from "./keyboard.js";
import { onPoint, point } from "./link.js";
import { NumberTables } from "./number_tables.js";
import { columnsFor, namePanel, panelElements, scrollTo, scrollTogether } from "./panels.js";
import { Pen } from "./pen.js";
import { placeOf } from "./places.js";
import { choose, cleared, pinned, received } from "./selection.js";
import { readTheme } from "./theme.js";
import { View } from "./view.js";

/**
 * The `mount` of a canvas view.
 *
 * @param {Definition} definition
 * @returns {import("./streamlit.js").Mount}
 */
export function canvasView(definition) {
  return (parent, bytes, { onSelect = () => {} } = {}) => {
    const view = new CanvasView(parent, definition, onSelect);
    view.update(bytes);
    return view;
  };
}

class CanvasView extends View {
  #definition;
  #onSelect;
  /** @type {Model | null} */
  #model = null;
  #choice = choose(null);
  #panels = [];
  #panelsEnding = new AbortController();
  #layouts = [];
  #theme = null;
  #stale = { layout: false, painting: 0 };
  #paints = 0;
  #numbers = new NumberTables();

  constructor(parent, definition, onSelect) {
    super(parent, definition.name);
    this.#definition = definition;
    this.#onSelect = onSelect;
    this.frame.body.classList.add("av-panels");
    onPoint(this, this.signal, (text, word) => this.#echo(text, word));
    this.signal.addEventListener("abort", () => {
      if (this.#choice.hover) point(this, this.#model.meta.text, null);
      this.#panelsEnding.abort();
      cancelAnimationFrame(this.#stale.painting);
      this.#numbers.end();
    });
  }

  refit() {
    this.#redraw({ layout: true });
  }

  receive(payload) {
    const model = this.#definition.read(payload);
    this.#choice = received(this.#choice, this.#model?.meta ?? null, model.meta);
    this.#model = model;
    this.frame.say(model.panels.length ? "" : "No checkpoint is chosen: choose one to see its attention.");
    if (this.#panels.length !== model.panels.length) this.#buildPanels(model.panels.length);
    model.panels.forEach((panel, i) => namePanel(this.#panels[i], panel));
    this.#redraw({ layout: true });
  }

  #buildPanels(count) {
    this.#choice = { ...this.#choice, hover: null };
    this.#panelsEnding.abort();
    this.#panelsEnding = new AbortController();
    const { signal } = this.#panelsEnding;
    this.#panels = Array.from({ length: count }, panelElements);
    this.frame.body.replaceChildren(...this.#panels.map(({ section }) => section));
    scrollTogether(this.#panels, signal);
    this.#panels.forEach(({ canvas, stage }, panel) => {
      canvas.addEventListener("pointermove", (event) => this.#pointer(panel, event), { signal });
      canvas.addEventListener("pointerleave", () => this.#hover(null), { signal });
      canvas.addEventListener("click", (event) => this.#click(panel, event), { signal });
      stage.addEventListener("keydown", (event) => this.#key(panel, event), { signal });
      stage.addEventListener("blur", () => this.#hover(null), { signal });
    });
  }

  #pointer(panel, event) {
    if (!this.#isLaidOut()) return;
    const at = this.#definition.hit(this.#layouts[panel], event.offsetX, event.offsetY);
    event.target.style.cursor = at ? "pointer" : "default";
    this.#hover(at && { panel, ...at }, { x: event.clientX, y: event.clientY });
  }

  #click(panel, event) {
    if (!this.#isLaidOut()) return;
    const at = this.#definition.hit(this.#layouts[panel], event.offsetX, event.offsetY);
    if (at) this.#pin(panel, at);
    if (event.pointerType === "touch") this.#hover(at && { panel, ...at }, { x: event.clientX, y: event.clientY });
  }

  #key(panel, event) {
    if (event.ctrlKey || event.metaKey || event.altKey || !this.#isLaidOut()) return;
    const { hover } = this.#choice;
    const rows = { count: this.#model.panels[panel].labels.length, sides: this.#definition.sides };
    const at = moved(hover?.panel === panel ? hover : null, event.key, rows);
    if (at) this.#walk(panel, at);
    else if (event.key === "Escape") this.#change(cleared(this.#choice, this.#definition.canRelease));
    else if ((event.key === "Enter" || event.key === " ") && hover) this.#pin(hover.panel, hover);
    else return;
    event.preventDefault();
  }

  #walk(panel, at) {
    const { stage, canvas } = this.#panels[panel];
    const { x, y, height } = this.#definition.spot(this.#layouts[panel], at);
    scrollTo(stage, y - height, y + height);
    const box = canvas.getBoundingClientRect();
    this.#hover({ panel, ...at }, { x: box.left + x, y: box.top + y });
    this.frame.narrator.textContent = this.#definition.tip(this.#scene(panel), at).summary;
  }

  #hover(spot, where) {
    const { hover } = this.#choice;
    if (spot) this.frame.tooltip.show(this.#definition.tip(this.#scene(spot.panel), spot), where);
    else this.frame.tooltip.hide();
    if (hover?.panel === spot?.panel && hover?.index === spot?.index && hover?.side === spot?.side) return;
    const rows = spot && this.#model.panels[spot.panel];
    this.#change({ ...this.#choice, hover: spot && { ...spot, place: placeOf(rows, spot.index) } });
    point(this, this.#model.meta.text, spot ? rows.words[spot.index] : null);
  }

  #pin(panel, { side, index }) {
    const place = placeOf(this.#model.panels[panel], index);
    const view = { focus: this.#model.meta.focus, canRelease: this.#definition.canRelease };
    const { choice, focus } = pinned(this.#choice, { place, side }, view);
    this.#change(choice);
    if (focus !== null) this.#onSelect({ focus });
  }

  #echo(text, word) {
    if (this.#model && text === this.#model.meta.text) this.#change({ ...this.#choice, echo: word });
  }

  #change(choice) {
    const repinned = choice.pin !== this.#choice.pin;
    this.#choice = choice;
    if (!choice.hover) this.frame.tooltip.hide();
    this.#redraw({ layout: repinned });
  }

  #redraw({ layout }) {
    this.#stale.layout ||= layout;
    this.#stale.painting ||= requestAnimationFrame(() => this.#draw());
  }

  /** Whether what is on screen belongs to the data; an event that comes before the next frame lays it out first. */
  #isLaidOut() {
    if (this.#stale.layout) this.#draw();
    return !this.#stale.layout;
  }

  #draw() {
    cancelAnimationFrame(this.#stale.painting);
    this.#stale.painting = 0;
    delete this.root.dataset.ready;
    if (this.#model?.panels.length === 0) this.root.dataset.ready = "empty";
    if (!this.#model || this.frame.body.clientWidth === 0) return;
    if (this.#stale.layout) this.#layout();
    this.#stale.layout = false;
    this.#paints += 1;
    this.#panels.forEach((_, panel) => this.#paint(panel));
    this.frame.note.textContent = this.#definition.note(this.#model, this.#choice);
    this.root.dataset.ready = this.#stamp();
    this.#writeNumbers();
  }

  /** The tables follow what is pinned, not what is hovered. */
  #writeNumbers() {
    const { pin, kept } = this.#choice;
    const quiet = { ...this.#choice, hover: null, preview: null };
    this.#numbers.follow(this.#panels, [this.#model, pin, kept], (panel) => {
      return this.#definition.table({ ...this.#scene(panel), choice: quiet });
    });
  }

  #layout() {
    const { body, root } = this.frame;
    this.#theme = readTheme(root, this.#model.meta.colours);
    body.style.setProperty("--columns", columnsFor(this.#panels.length, body.clientWidth));
    this.#layouts = this.#panels.map((elements, panel) => {
      const before = elements.stage.clientWidth;
      const layout = this.#layoutOf(panel, before);
      elements.canvas.style.height = `${layout.height}px`;
      const now = elements.stage.clientWidth; // narrower where the stage got a scrollbar
      return now === before ? layout : this.#layoutOf(panel, now);
    });
    this.#writeLegend();
  }

  #layoutOf(panel, width) {
    const pen = new Pen(this.#panels[panel].canvas.getContext("2d"), this.#theme);
    return this.#definition.layout(this.#model, panel, { width, pen, choice: this.#choice });
  }

  #scene(panel) {
    const rows = this.#model.panels[panel];
    const [layout, theme, model, choice] = [this.#layouts[panel], this.#theme, this.#model, this.#choice];
    return { model, panel, rows, layout, theme, choice };
  }

  #paint(panel) {
    const { canvas, head, stage } = this.#panels[panel];
    const scene = this.#scene(panel);
    const { width, height } = scene.layout;
    head.hidden = this.#definition.headHeight === 0;
    if (!head.hidden) {
      const context = clearedCanvas(head, width, this.#definition.headHeight);
      this.#definition.paintHead(new Pen(context, this.#theme), scene);
    }
    this.#definition.paint(new Pen(clearedCanvas(canvas, width, height), this.#theme), scene);
    canvas.setAttribute("aria-label", this.#definition.describe(scene));
    stage.setAttribute("aria-label", `${scene.rows.title}: arrow keys walk through the words, Enter focuses one`);
    canvas.dataset.ready = this.#stamp();
  }

  #stamp() {
    const { layer, focus } = this.#model.meta;
    return `layer=${layer};focus=${focus ?? "none"};pin=${this.#choice.pin ? "yes" : "no"};paint=${this.#paints}`;
  }

  #writeLegend() {
    const keep = (kept) => {
      this.#change({ ...this.#choice, kept });
      this.#writeLegend();
    };
    const preview = (head) => this.#change({ ...this.#choice, preview: head });
    const actions = { keep, preview };
    replaceChildren(this.frame.legend, this.#definition.legend(this.#model, this.#theme, this.#choice, actions));
    this.#writeActions();
  }

  #writeActions() {
    const { pin } = this.#choice;
    const release = () => this.#change({ ...this.#choice, pin: pin ? null : choose(this.#model.meta.focus).pin });
    const all = this.#definition.canRelease && button("All lines", release, { "aria-pressed": String(pin === null) });
    const open = { "aria-expanded": String(this.#numbers.shown) };
    const numbers = button("Numbers", () => this.#toggleNumbers(), open);
    replaceChildren(this.frame.actions, all ? [all, numbers] : [numbers]);
  }

  #toggleNumbers() {
    this.#numbers.toggle();
    this.#writeActions();
  }
}
