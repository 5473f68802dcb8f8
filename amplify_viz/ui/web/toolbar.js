/**
 * The controls above a view, built from descriptions and kept while these change, so that a slider can be dragged.
 *
 * @typedef {{kind: "slider", name: string, label: string, low?: number, high?: number, step?: number, stops?: number[],
 *   value: number, write: (value: number) => string, help?: string}} Slider  stops: ascending, the values that it has in
 *   place of those from low to high
 * @typedef {{kind: "choice" | "list", name: string, label: string, options: [any, string][], value: any,
 *   help?: string, disabled?: boolean}} Choice  a choice shows all its options, a list one of them
 * @typedef {{kind: "toggle", name: string, label: string, value: boolean, help?: string}} Toggle
 * @typedef {{kind: "heads", name: string, label: string, heads: {head: number, colour: string, off: string[]}[],
 *   value: number[] | null, preview: (head: number | null) => void}} Heads  off: titles of the panels in which the head is
 *   switched off; value: heads on show, null for all
 * @typedef {(Slider | Choice | Toggle | Heads) & {usual?: any}} Control  one with a usual value stands behind "More"
 */

import { button, element } from "./dom.js";

let groups = 0;

/** Controls, those seldom needed behind a button; `change(name, value)` is called at every change. */
export class Toolbar {
  #change;
  /** @type {Map<string, {node: HTMLElement, set: (control: any) => void}>} */
  #known = new Map();
  #first = element("div.av-controls");
  #more = element("div.av-controls", { hidden: true });
  #opener;

  /** @param {(name: string, value: any) => void} change */
  constructor(change) {
    this.#change = change;
    this.#opener = button("More", () => this.#open(this.#more.hidden));
    this.node = element("div", { role: "group", "aria-label": "What is shown" }, this.#first, this.#more);
    this.#open(false);
  }

  /**
   * Shows these controls; one that was there before stays the same element.
   *
   * @param {Control[]} controls
   */
  show(controls) {
    const before = this.#known;
    this.#known = new Map();
    const nodes = controls.map((control) => {
      const name = `${control.kind} ${control.name} ${shapeOf(control)}`;
      const entry = before.get(name) ?? BUILDERS[control.kind](control, (value) => this.#change(control.name, value));
      entry.set(control);
      this.#known.set(name, entry);
      return { node: entry.node, control };
    });
    const [first, more] = [false, true].map((seldom) => {
      return nodes.filter(({ control }) => "usual" in control === seldom);
    });
    const changed = more.filter(({ control }) => !same(control.value, control.usual)).length;
    this.#opener.textContent = changed ? `More (${changed} set)` : "More";
    if (changed && !before.size) this.#open(true);
    place(this.#first, [...first.map(({ node }) => node), ...(more.length ? [this.#opener] : [])]);
    place(this.#more, more.map(({ node }) => node)); // prettier-ignore
    this.node.hidden = controls.length === 0;
  }

  #open(open) {
    this.#more.hidden = !open;
    this.#opener.setAttribute("aria-expanded", String(open));
  }
}

/** Puts the nodes into a parent, unless they are there: what is moved loses the keyboard and the pointer. */
function place(parent, nodes) {
  const moved = nodes.length !== parent.children.length || nodes.some((node, i) => node !== parent.children[i]);
  if (moved) parent.replaceChildren(...nodes);
}

/** What cannot change without building the control anew. */
function shapeOf({ kind, options, heads, low, high, stops }) {
  if (kind === "choice" || kind === "list") return JSON.stringify(options);
  return kind === "heads" ? JSON.stringify(heads) : `${stops ?? [low, high]}`;
}

const BUILDERS = { slider, choice, list, toggle, heads };

function labelled(tag, { label, help }, ...parts) {
  return element(`${tag}.av-control`, help ? { title: help } : {}, element("span.av-control-name", {}, label), ...parts);
}

function slider({ label, low, high, step = 1, stops, ...control }, change) {
  const range = stops ? { min: 0, max: stops.length - 1, step: 1 } : { min: low, max: high, step };
  const input = element("input", { type: "range", ...range });
  const shown = element("output.av-number");
  input.addEventListener("input", () => change(stops ? stops[Number(input.value)] : Number(input.value)));
  const set = ({ value, write }) => {
    const place = stops ? nearest(stops, value) : value;
    if (Number(input.value) !== place) input.value = String(place);
    shown.textContent = write(value);
    input.setAttribute("aria-valuetext", write(value));
  };
  return { node: labelled("label", { label, ...control }, input, shown), set };
}

/**
 * Where in a list the number stands that is nearest to a value.
 *
 * @param {number[]} stops
 * @param {number} value
 */
export function nearest(stops, value) {
  const distances = stops.map((stop) => Math.abs(stop - value));
  return distances.indexOf(Math.min(...distances));
}

function choice({ label, options, help }, change) {
  const name = `av-choice-${(groups += 1)}`;
  const inputs = options.map(([value]) => {
    return element("input", { type: "radio", name, onchange: () => change(value) });
  });
  const parts = options.map(([, text], i) => element("label.av-segment", {}, inputs[i], element("span", {}, text)));
  const node = element(
    "div.av-control",
    { role: "radiogroup", "aria-label": label, ...(help ? { title: help } : {}) },
    element("span.av-control-name", { "aria-hidden": "true" }, label),
    element("span.av-segments", {}, ...parts),
  );
  const set = ({ value }) => options.forEach(([option], i) => (inputs[i].checked = same(option, value)));
  return { node, set };
}

function list({ label, options, disabled = false, ...control }, change) {
  const choices = options.map(([, text], i) => element("option", { value: i }, text));
  const select = element("select", { disabled }, ...choices);
  select.addEventListener("change", () => change(options[Number(select.value)][0]));
  const set = ({ value }) => {
    select.value = String(Math.max(0, options.findIndex(([option]) => same(option, value))));
  };
  return { node: labelled("label", { label, ...control }, select), set };
}

function toggle({ label, ...control }, change) {
  const input = element("input", { type: "checkbox", onchange: () => change(input.checked) });
  return { node: labelled("label", { label, ...control }, input), set: ({ value }) => (input.checked = value) };
}

/** A head, and in which checkpoints it is off. */
function nameOf(head, off) {
  return off.length ? `Head ${head + 1}, switched off in ${off.join(" and ")}` : `Head ${head + 1}`;
}

/** A chip a head: a click adds or takes it, a double click shows it alone; pointing at one shows it alone meanwhile. */
function heads({ label, heads: all, preview }, change) {
  let chosen = all.map(({ head }) => head);
  const every = () => change(null);
  const none = () => change([]);
  const flip = (head) => {
    const next = chosen.includes(head) ? chosen.filter((other) => other !== head) : [...chosen, head];
    change(next.length === all.length ? null : next.sort((a, b) => a - b));
  };
  const chips = all.map(({ head, colour, off }) =>
    element(
      off.length ? "button.av-chip.av-off" : "button.av-chip",
      {
        type: "button",
        tabindex: head === all[0].head ? 0 : -1,
        "aria-label": nameOf(head, off),
        title: `${nameOf(head, off)}: click adds or takes it, double click shows it alone`,
        style: `--chip: ${colour}`,
        onpointerenter: () => preview(head),
        onpointerleave: () => preview(null),
        onfocus: (event) => event.target.matches(":focus-visible") && preview(head),
        onblur: () => preview(null),
        onclick: () => {
          preview(null); // what the click did is seen, until the pointer comes anew
          flip(head);
        },
        ondblclick: () => change([head]),
      },
      String(head + 1),
    ),
  );
  const walk = (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const at = chips.indexOf(event.target);
    if (!step || at < 0) return;
    event.preventDefault();
    chips[(at + step + chips.length) % chips.length].focus();
  };
  const short = (text, act) => element("button.av-link", { type: "button", onclick: act }, text);
  const node = element(
    "div.av-control.av-heads",
    { role: "group", "aria-label": "Heads", onkeydown: walk },
    element("span.av-control-name", {}, label),
    element("span.av-chips", {}, ...chips),
    short("All", every),
    short("None", none),
  );
  const set = ({ value }) => {
    chosen = value ?? all.map(({ head }) => head);
    chips.forEach((chip, i) => chip.setAttribute("aria-pressed", String(chosen.includes(all[i].head))));
  };
  return { node, set };
}

function same(a, b) {
  return JSON.stringify(a) === JSON.stringify(b);
}
