/** A button that copies the page's address, which holds every choice. */

import { button } from "./dom.js";

/** So long the button says that it was done, in milliseconds. */
const SHOWN = 1600;

/**
 * @param {import("./frame.js").Frame} frame  whose narrator says it, too
 * @returns {HTMLElement}
 */
export function copyLink(frame) {
  const copy = async () => {
    const said = await navigator.clipboard.writeText(location.href).then(
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

const LABEL = "Copy link";
