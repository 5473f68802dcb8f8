/** A button that copies the page's address with every choice, also those that it lacks because they are the first ones. */

import { button } from "./dom.js";
import { parametersOf, saying } from "./look_link.js";

/** So long the button says that it was done, in milliseconds. */
const SHOWN = 1600;

/**
 * @param {import("./frame.js").Frame} frame  whose narrator says it, too
 * @param {() => {meta: import("./look.js").Meta, look: import("./look.js").Look}} shown  asked when the link is copied
 * @returns {HTMLElement}
 */
export function copyLink(frame, shown) {
  const copy = async () => {
    const { meta, look } = shown();
    const said = await navigator.clipboard.writeText(linkTo(location.href, meta, look)).then(
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
 * An address that says the look that is shown, whatever it said of it, and the page's choices that it does not name.
 *
 * @param {string} address
 * @param {Pick<import("./look.js").Meta, "link" | "usual">} meta
 * @param {import("./look.js").Look} look
 * @returns {string}
 */
export function linkTo(address, { link, usual }, look) {
  const url = new URL(saying(address, Object.keys(look), parametersOf(look, usual)));
  for (const [name, values] of Object.entries(link)) {
    if (!url.searchParams.has(name)) for (const value of values) url.searchParams.append(name, value);
  }
  return url.href;
}

const LABEL = "Copy link";
