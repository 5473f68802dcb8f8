/** Views on one page point at the same word: the hovered one goes through the document, never through the server. */

const NAME = Symbol.for("amplify-viz.link");
const bus = (globalThis[NAME] ??= new EventTarget());

/**
 * Tells the other views which word is pointed at.
 *
 * @param {object} sender
 * @param {string} text  the id of the text that the word stands in
 * @param {number | null} word
 */
export function point(sender, text, word) {
  bus.dispatchEvent(new CustomEvent("point", { detail: { sender, text, word } }));
}

/**
 * Listens to the other views until the signal aborts.
 *
 * @param {object} listener
 * @param {AbortSignal} signal
 * @param {(text: string, word: number | null) => void} act
 */
export function onPoint(listener, signal, act) {
  const hear = ({ detail }) => detail.sender !== listener && act(detail.text, detail.word);
  bus.addEventListener("point", hear, { signal });
}
