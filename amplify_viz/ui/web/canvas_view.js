/**
 * What the canvas views share: the look and its controls, chunks, panels, hovering, pinning, keyboard, painting.  A view
 * itself is a Definition of pure functions over its model (what it read), layouts (where things are) and the choice
 * (what is pinned and hovered).
 *
 * @typedef {import("./selection.js").Choice} Choice
 * @typedef {import("./places.js").Rows} Rows
 * @typedef {{side: "from" | "to", index: number, part?: number}} At  part: of the row, where a view tells them apart
 * @typedef {{width: number, height: number}} Layout
 * @typedef {{width: number, pen: import("./pen.js").Pen, choice: Choice}} Room  what a layout has to go by
 * @typedef {import("./look.js").Look} Look
 * @typedef {import("./look.js").Meta} Meta
 * @typedef {import("./look.js").Subject} Subject
 * @typedef {Rows & {title: string, prediction: any, signed?: boolean}} PanelRows
 * @typedef {{meta: Meta, look: Look, panels: PanelRows[]}} Model  and what else the view's `read` makes
 * @typedef {{meta: Meta, look: Look, subjects: Subject[], payloads: import("./unpack.js").Payload[]}} Told
 * @typedef {{model: Model, panel: number, rows: Rows, layout: any, theme: import("./theme.js").Theme,
 *   choice: Choice, view: {top: number, bottom: number}}} Scene  view: the heights of the layout that are seen
 * @typedef {{heading: string, detail: string, table: import("./table.js").Table, summary: string}} Tip
 *
 * @typedef {object} Definition
 * @property {string} name
 * @property {boolean} canRelease  whether the view has something to show without a pinned word
 * @property {boolean} sides  whether rows stand on two sides
 * @property {number} headHeight  height of the canvas above the scrolling one
 * @property {boolean} signed  whether it can show a difference
 * @property {boolean} [windowed]  whether its canvases are as high as what is seen, and painted anew as one scrolls
 * @property {(look: Look, meta: Meta) => string} chunk  the name of the chunk that each panel needs
 * @property {(look: Look, subject: Subject) => number[]} [heads]  those of the layer that a panel shows; left out where it
 *   shows those of all layers
 * @property {(look: Look, subject: Subject) => string | null} [lack]  why a panel has nothing of what is looked at
 * @property {(told: Told) => Model} read
 * @property {(told: {meta: Meta, look: Look}, theme: any, actions: any) => import("./toolbar.js").Control[]} controls
 * @property {(model: Model, panel: number, room: Room) => Layout} layout
 * @property {(pen: import("./pen.js").Pen, scene: Scene) => void} paint
 * @property {(pen: import("./pen.js").Pen, scene: Scene) => void} paintHead
 * @property {(layout: any, x: number, y: number, choice: Choice) => At | null} hit
 * @property {(layout: any, at: At, choice: Choice) => {x: number, y: number, height: number}} spot  where a row is
 * @property {{now: (scene: Scene) => any, reveal: (scene: Scene, at: At) => any,
 *   inMap: (scene: Scene, x: number, y: number) => any}} [zoom]  of a view that shows a window of something larger
 * @property {(scene: Scene, at: At | null, key: string) => At | null} [walk]  where a key leads, for other rows than
 *   one below the other
 * @property {(scene: Scene, at: At) => import("./streamlit.js").Change | null} [open]  what a click or Enter turns or
 *   opens, in place of a pin
 * @property {string} [keys]  what keys do, where they do not walk through words
 * @property {(scene: Scene, at: At) => Tip} tip
 * @property {(scene: Scene) => string} describe  what is seen, in a sentence
 * @property {(scene: Scene) => import("./table.js").Table} table  the numbers of the focus row
 * @property {(model: Model, theme: any, choice: Choice, actions: any) => Node[]} legend
 * @property {(model: Model, choice: Choice, layouts: any[]) => string} note
 */

import { cleared as clearedCanvas } from "./canvas.js";
import { Chunks } from "./chunks.js";
import { copyLink } from "./copy_link.js";
import { button, replaceChildren } from "./dom.js";
import { moved } from "./keyboard.js";
import { parted } from "./lacking.js";
import { onPoint, point } from "./link.js";
import { fitted } from "./look.js";
import { NumberTables } from "./number_tables.js";
import { offBadge, offNames, offNote } from "./off.js";
import { columnsFor, lackingPanel, namePanel, panelElements, scrollTo, scrollTogether } from "./panels.js";
import { Pen } from "./pen.js";
import { placeOf } from "./places.js";
import { choose, cleared, focusOf, pinned, received, withPins } from "./selection.js";
import { Sent } from "./sent.js";
import { readTheme } from "./theme.js";
import { Toolbar } from "./toolbar.js";
import { View } from "./view.js";
import { byKey, zooming } from "./zooming.js";

const KEYS = "arrow keys walk through the words, Enter focuses one";

/**
 * The `mount` of a canvas view.
 *
 * @param {Definition} definition
 * @returns {import("./streamlit.js").Mount}
 */
export function canvasView(definition) {
  return (parent, bytes, { onChange = () => {}, chunks = null } = {}) => {
    const view = new CanvasView(parent, definition, { onChange, chunks });
    view.update(bytes);
    return view;
  };
}

class CanvasView extends View {
  #definition;
  #onChange;
  #chunks;
  #toolbar;
  /** @type {Meta | null} */
  #meta = null;
  /** @type {Look | null} */
  #look = null;
  #sent;
  /** @type {Model | null} */
  #model = null;
  #choice = choose([]);
  #panels = [];
  /** @type {import("./lacking.js").Lacking[]} */
  #lacking = [];
  #panelsEnding = new AbortController();
  #layouts = [];
  #theme = null;
  #stale = { layout: false, painting: 0 };
  #paints = 0;
  #numbers = new NumberTables();

  constructor(parent, definition, { onChange, chunks }) {
    super(parent, definition.name);
    this.#definition = definition;
    this.#onChange = onChange;
    this.#chunks = new Chunks(chunks);
    this.#sent = new Sent((look, view) => this.#onChange(view ? { look, view } : { look }), this.signal);
    this.#toolbar = new Toolbar((name, value) => this.#look && this.#turn({ [name]: value }));
    this.frame.controls.append(this.#toolbar.node);
    this.frame.body.classList.add("av-panels");
    onPoint(this, this.signal, (text, word) => this.#echo(text, word));
    this.signal.addEventListener("abort", () => {
      if (this.#choice.hover) point(this, this.#meta.text, null);
      this.#panelsEnding.abort();
      cancelAnimationFrame(this.#stale.painting);
      this.#numbers.end();
    });
  }

  refit() {
    this.#redraw({ layout: true });
  }

  receive({ meta }) {
    const ours = this.#meta !== null && this.#sent.knows(meta.look);
    const look = ours ? this.#look : meta.look;
    if (ours && sameBut(this.#meta, meta)) return;
    const before = this.#meta && { ...this.#look, text: this.#meta.text };
    this.#meta = meta;
    this.#see(fitted(look, meta), before);
  }

  /** Looks otherwise, and tells the page. */
  #turn(patch) {
    const look = fitted({ ...this.#look, ...patch }, this.#meta);
    this.#see(look, { ...this.#look, text: this.#meta.text });
    this.#sent.send(look);
  }

  /** Shows a look as soon as its chunks are there. */
  #see(look, before) {
    this.#look = look;
    this.#choice = received(this.#choice, before, { ...look, focus: this.#focusIn(look), text: this.#meta.text });
    this.#writeControls();
    const { told, lacking } = parted(look, this.#meta, this.#definition);
    const name = this.#definition.chunk(look, this.#meta);
    const fetch = (signal) => {
      return Promise.all(told.subjects.map(({ id }) => this.#chunks.get(told.meta.base, `${id}/${name}`, signal)));
    };
    this.await(fetch, (payloads) => this.#show(this.#definition.read({ ...told, payloads }), lacking));
  }

  /** The words to pin: those in focus, or where the view cannot do without the first one. */
  #focusIn({ focus }) {
    return focus.length || this.#definition.canRelease ? focus : [0];
  }

  #show(model, lacking) {
    this.#model = model;
    const empty = "No checkpoint is chosen: choose one to see its attention.";
    this.frame.say(model.panels.length + lacking.length ? (model.message ?? "") : empty);
    const builds = this.#panels.length !== model.panels.length;
    if (builds) this.#buildPanels(model.panels.length);
    if (builds || JSON.stringify(lacking) !== JSON.stringify(this.#lacking)) this.#placePanels(lacking);
    model.panels.forEach((panel, i) => namePanel(this.#panels[i], panel, offBadge(this.#off(panel))));
    this.#redraw({ layout: true });
  }

  /** The names of a panel's heads on show that are switched off. */
  #off(subject) {
    return offNames(this.#look, subject, this.#definition.heads?.(this.#look, subject) ?? null);
  }

  #buildPanels(count) {
    this.#choice = { ...this.#choice, hover: null };
    this.#numbers.end(); // those of the panels that were
    this.#panelsEnding.abort();
    this.#panelsEnding = new AbortController();
    const { signal } = this.#panelsEnding;
    this.#panels = Array.from({ length: count }, panelElements);
    scrollTogether(this.#panels, signal);
    this.#panels.forEach(({ canvas, stage }, panel) => {
      if (this.#definition.zoom) zooming(stage, canvas, this.#window(panel), signal);
      canvas.addEventListener("pointermove", (event) => this.#pointer(panel, event), { signal });
      canvas.addEventListener("pointerleave", () => this.#hover(null), { signal });
      canvas.addEventListener("click", (event) => this.#click(panel, event), { signal });
      stage.addEventListener("keydown", (event) => this.#key(panel, event), { signal });
      stage.addEventListener("blur", () => this.#hover(null), { signal });
      if (this.#definition.windowed) {
        stage.addEventListener("scroll", () => this.#redraw({ layout: false }), { signal, passive: true });
      }
    });
  }

  /** Puts the panels side by side, each that lacks what is looked at in its own place. */
  #placePanels(lacking) {
    this.#lacking = lacking;
    const sections = this.#panels.map(({ section }) => section);
    for (const one of lacking) sections.splice(one.place, 0, lackingPanel(one));
    this.frame.body.replaceChildren(...sections);
  }

  /** A panel's window on something larger, as `zooming` turns it; all panels share it. */
  #window(panel) {
    const layout = () => this.#layouts[panel];
    return {
      now: () => this.#zoomNow(panel),
      size: () => layout().size,
      side: () => layout().side,
      corner: () => layout().corner,
      inMap: (x, y) => this.#definition.zoom.inMap(this.#scene(panel), x, y),
      set: (zoom) => this.#zoomTo(zoom),
    };
  }

  #zoomNow(panel) {
    return this.#definition.zoom && this.#isLaidOut() ? this.#definition.zoom.now(this.#scene(panel)) : null;
  }

  #zoomTo(zoom) {
    this.#change({ ...this.#choice, zoom });
  }

  #pointer(panel, event) {
    if (!this.#isLaidOut()) return;
    const at = this.#hit(panel, event);
    event.target.style.cursor = at ? "pointer" : "default";
    this.#hover(at && { panel, ...at }, { x: event.clientX, y: event.clientY });
  }

  #hit(panel, { offsetX, offsetY }) {
    return this.#definition.hit(this.#layouts[panel], offsetX, offsetY + this.#seen(panel).top, this.#choice);
  }

  /** The heights of a layout that its canvas shows. */
  #seen(panel) {
    const { height } = this.#layouts[panel];
    if (!this.#definition.windowed) return { top: 0, bottom: height };
    const { stage } = this.#panels[panel];
    const top = Math.max(0, Math.min(stage.scrollTop, height - stage.clientHeight));
    return { top, bottom: Math.min(height, top + stage.clientHeight) };
  }

  #click(panel, event) {
    if (!this.#isLaidOut()) return;
    const at = this.#hit(panel, event);
    if (at) this.#pin(panel, at, event.shiftKey || event.ctrlKey || event.metaKey);
    if (event.pointerType === "touch") this.#hover(at && { panel, ...at }, { x: event.clientX, y: event.clientY });
  }

  #key(panel, event) {
    if (event.altKey || !this.#isLaidOut()) return;
    const { hover } = this.#choice;
    const at = this.#step(panel, hover?.panel === panel ? hover : null, event.key);
    if (at) this.#walk(panel, at);
    else if (event.key === "Escape" && this.#definition.open) this.#hover(null);
    else if (event.key === "Escape") this.#repin(cleared(this.#choice, this.#definition.canRelease));
    else if ((event.key === "Enter" || event.key === " ") && hover) this.#pin(hover.panel, hover, event.shiftKey);
    else return;
    event.preventDefault();
  }

  #step(panel, at, key) {
    if (this.#definition.walk) return this.#definition.walk(this.#scene(panel), at, key);
    return moved(at, key, { count: this.#model.panels[panel].labels.length, sides: this.#definition.sides });
  }

  #walk(panel, at) {
    const { stage, canvas } = this.#panels[panel];
    if (this.#zoomNow(panel)) this.#zoomTo(this.#definition.zoom.reveal(this.#scene(panel), at));
    const { x, y, height } = this.#definition.spot(this.#layouts[panel], at, this.#choice);
    scrollTo(stage, y - height, y + height);
    const box = canvas.getBoundingClientRect();
    this.#hover({ panel, ...at }, { x: box.left + x, y: box.top + y - this.#seen(panel).top });
    this.frame.narrator.textContent = this.#definition.tip(this.#scene(panel), at).summary;
  }

  #hover(spot, where) {
    const { hover } = this.#choice;
    if (spot) this.frame.tooltip.show(this.#definition.tip(this.#scene(spot.panel), spot), where);
    else this.frame.tooltip.hide();
    if (["panel", "index", "side", "part"].every((name) => hover?.[name] === spot?.[name])) return;
    const rows = spot && this.#model.panels[spot.panel];
    this.#change({ ...this.#choice, hover: spot && { ...spot, place: placeOf(rows, spot.index) } });
    point(this, this.#meta.text, spot ? rows.words[spot.index] : null);
  }

  #pin(panel, { side, index }, add) {
    const opened = this.#definition.open?.(this.#scene(panel), { side, index });
    if (opened) return this.#open(opened);
    const place = placeOf(this.#model.panels[panel], index);
    this.#repin(pinned(this.#choice, { place, side }, { canRelease: this.#definition.canRelease, add }));
  }

  #open({ look, view }) {
    this.#turn(look);
    this.#sent.sendNow(this.#look, view);
  }

  /** Changes the pins, and the look's focus with them. */
  #repin(choice) {
    this.#change(choice);
    const focus = focusOf(choice);
    if (String(focus) !== String(this.#look.focus)) this.#turn({ focus });
  }

  #echo(text, word) {
    if (this.#meta && text === this.#meta.text) this.#change({ ...this.#choice, echo: word });
  }

  #change(choice) {
    const repinned = choice.pins !== this.#choice.pins;
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
    if (this.#model?.panels.length === 0 || this.#model?.message) this.root.dataset.ready = "empty";
    if (!this.#model || this.frame.body.clientWidth === 0) return;
    if (this.#stale.layout) this.#layout();
    this.#stale.layout = false;
    this.#paints += 1;
    this.#panels.forEach((_, panel) => this.#paint(panel));
    this.#writeNote();
    this.root.dataset.ready = this.#stamp();
    this.#writeNumbers();
  }

  #writeNote() {
    const { panels } = this.#model;
    const off = offNote(panels.map((panel) => ({ title: panel.title, names: this.#off(panel) })));
    const note = panels.length ? this.#definition.note(this.#model, this.#choice, this.#layouts) : "";
    this.frame.note.textContent = [off, note].filter(Boolean).join(" ");
  }

  /** The tables follow what is pinned, not what is hovered. */
  #writeNumbers() {
    const quiet = { ...this.#choice, hover: null, preview: null };
    this.#numbers.follow(this.#panels, [this.#model, this.#choice.pins], (panel) => {
      return this.#definition.table({ ...this.#scene(panel), choice: quiet });
    });
  }

  #layout() {
    const { body, root } = this.frame;
    this.#theme = readTheme(root, this.#model.meta.colours);
    const columns = columnsFor(this.#panels.length + this.#lacking.length, body.clientWidth);
    body.style.gridTemplateColumns = `repeat(${columns}, minmax(0, 1fr))`;
    this.#layouts = this.#panels.map((elements, panel) => {
      const before = elements.stage.clientWidth;
      const layout = this.#layoutOf(panel, before);
      this.#makeRoom(elements, layout);
      const now = elements.stage.clientWidth; // narrower where the stage got a scrollbar
      return now === before ? layout : this.#layoutOf(panel, now);
    });
    this.#writeLegend();
  }

  #makeRoom({ sheet, canvas, stage }, { height }) {
    canvas.style.height = this.#definition.windowed ? "0" : `${height}px`;
    sheet.style.height = `${height}px`;
    if (this.#definition.windowed) canvas.style.height = `${Math.min(height, stage.clientHeight)}px`;
  }

  #layoutOf(panel, width) {
    const pen = new Pen(this.#panels[panel].canvas.getContext("2d"), this.#theme);
    return this.#definition.layout(this.#model, panel, { width, pen, choice: this.#choice });
  }

  #scene(panel) {
    const rows = this.#model.panels[panel];
    const [layout, theme, model, choice] = [this.#layouts[panel], this.#theme, this.#model, this.#choice];
    return { model, panel, rows, layout, theme, choice, view: this.#seen(panel) };
  }

  #paint(panel) {
    const { canvas, head, stage } = this.#panels[panel];
    const scene = this.#scene(panel);
    const { width } = scene.layout;
    const { top, bottom } = scene.view;
    head.hidden = this.#definition.headHeight === 0;
    if (!head.hidden) {
      const above = clearedCanvas(head, width, this.#definition.headHeight);
      this.#definition.paintHead(new Pen(above, this.#theme), scene);
    }
    const context = clearedCanvas(canvas, width, bottom - top);
    context.translate(0, -top);
    this.#definition.paint(new Pen(context, this.#theme), scene);
    canvas.setAttribute("aria-label", this.#definition.describe(scene));
    stage.setAttribute("aria-label", `${scene.rows.title}: ${this.#definition.keys ?? KEYS}`);
    canvas.dataset.ready = this.#stamp();
  }

  #stamp() {
    const { layer, focus } = this.#model.look;
    const pin = this.#choice.pin ? "yes" : "no";
    return `layer=${layer};focus=${focus.join("+") || "none"};pin=${pin};paint=${this.#paints}`;
  }

  #writeControls() {
    const preview = (head) => this.#change({ ...this.#choice, preview: head });
    const theme = readTheme(this.root, this.#meta.colours);
    const told = { meta: this.#meta, look: this.#look };
    this.#toolbar.show(this.#meta.panels.length ? this.#definition.controls(told, theme, { preview }) : []);
  }

  #writeLegend() {
    const zoom = (key) => this.#zoomNow(0) && byKey(key, this.#window(0));
    const keys = this.#panels.length ? this.#definition.legend(this.#model, this.#theme, this.#choice, { zoom }) : [];
    replaceChildren(this.frame.legend, keys);
    this.#writeActions();
  }

  #writeActions() {
    const { pins } = this.#choice;
    const release = () => this.#repin(withPins(this.#choice, []));
    const held = pins.length > 0 && this.#definition.canRelease;
    const open = { "aria-expanded": String(this.#numbers.shown) };
    const numbers = button("Numbers", () => this.#toggleNumbers(), open);
    const link = this.#meta.base === null ? [] : [copyLink(this.frame, () => ({ meta: this.#meta, look: this.#look }))];
    replaceChildren(this.frame.actions, [...(held ? [button("All lines", release)] : []), numbers, ...link]);
  }

  #toggleNumbers() {
    this.#numbers.toggle();
    this.#writeActions();
  }
}

/** Whether two documents agree in all but the look. */
function sameBut(a, b) {
  const without = (meta) => JSON.stringify({ ...meta, look: null });
  return without(a) === without(b);
}
