/** A button that copies the page's address with every choice, also those that it lacks because they are the first ones. */

import { button } from "./dom.js";

/** So long the button says that it was done, in milliseconds. */
const SHOWN = 1600;

/**
 * @param {import("./frame.js").Frame} frame  whose narrator says it, too
 * @param {Record<string, string[]>} choices  what the address must say
 * @returns {HTMLElement}
 */
export function copyLink(frame, choices) {
  const copy = async () => {
    const said = await navigator.clipboard.writeText(complete(location.href, choices)).then(
      () => "Link copied",
      () => "Copy it from the address bar",
    );
    node.textContent = said;
    frame.narrator.textContent = said;
    setTimeout(() => (node.textContent = LABEL), SHOWN);
  };
  const node = button(LABEL, copy);
  return node;
}

/**
 * An address with the choices that it does not name.
 *
 * @param {string} address
 * @param {Record<string, string[]>} choices
 * @returns {string}
 */
export function complete(address, choices) {
  const url = new URL(address);
  for (const [name, values] of Object.entries(choices)) {
    if (!url.searchParams.has(name)) for (const value of values) url.searchParams.append(name, value);
  }
  return url.href;
}

const LABEL = "Copy link";
