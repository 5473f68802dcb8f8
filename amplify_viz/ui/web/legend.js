/** Legends: what a colour or an opacity means, with the numbers at its ends. */

import { css } from "./colour.js";
import { element } from "./dom.js";

/**
 * A ramp of one colour from clear to full, with the numbers at its ends.
 *
 * @param {string} caption
 * @param {import("./colour.js").Rgb} rgb
 * @param {string} low
 * @param {string} high
 */
export function ramp(caption, rgb, low, high) {
  return gradient(caption, [css(rgb, 0), css(rgb)], low, high);
}

/**
 * A gradient with the numbers at its ends.
 *
 * @param {string} caption
 * @param {string[]} colours
 * @param {string} low
 * @param {string} high
 */
export function gradient(caption, colours, low, high) {
  return element(
    "span.av-key",
    {},
    element("span", {}, caption),
    element("span.av-number", {}, low),
    element("span.av-ramp", { style: `background: linear-gradient(to right, ${colours.join(", ")})` }),
    element("span.av-number", {}, high),
  );
}

/**
 * One chip a head; pointing at one, or walking to it with the arrow keys, shows it alone, and pressing it keeps it so.
 *
 * @param {{head: number, colour: string}[]} heads
 * @param {{kept: number | null, preview: (index: number | null) => void, keep: (index: number | null) => void}} actions
 */
export function headChips(heads, { kept, preview, keep }) {
  const chips = heads.map(({ head, colour }, index) =>
    element(
      "button.av-chip",
      {
        type: "button",
        tabindex: index === (kept ?? 0) ? 0 : -1,
        "aria-pressed": String(index === kept),
        "aria-label": `Head ${head + 1} alone`,
        style: `--chip: ${colour}`,
        onpointerenter: () => preview(index),
        onpointerleave: () => preview(null),
        onfocus: (event) => event.target.matches(":focus-visible") && preview(index),
        onblur: () => preview(null),
        onclick: () => keep(index === kept ? null : index),
      },
      String(head + 1),
    ),
  );
  const walk = (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    chips[(chips.indexOf(event.target) + step + chips.length) % chips.length].focus();
  };
  return element("span.av-key", { role: "group", "aria-label": "Heads", onkeydown: walk }, "Head", ...chips);
}
