/**
 * A view in a page of its own, which holds its numbers: the HTML export, and a display in a notebook.
 *
 * @typedef {import("./chunks.js").Given} Given
 */

/**
 * Mounts the view in a page that `views/page.py` wrote.  Numbers are decoded when the view asks for them.
 *
 * @param {import("./streamlit.js").Mount} mount
 * @param {Document} page
 * @returns {import("./streamlit.js").Live}
 */
export function boot(mount, page) {
  const document = page.querySelector("script[data-document]");
  return mount(page.querySelector("main"), fromBase64(document.textContent), { chunks: chunksOf(page) });
}

/**
 * The chunks that a page holds, by name; undefined for one that it does not.
 *
 * @param {ParentNode} page
 * @returns {Given}
 */
export function chunksOf(page) {
  const elements = [...page.querySelectorAll("script[data-chunk]")];
  const known = new Map(elements.map((element) => [element.dataset.chunk, element]));
  return {
    get: (name) => (known.has(name) ? fromBase64(known.get(name).textContent) : undefined),
  };
}

/**
 * The bytes of a base64 text.
 *
 * @param {string} text
 * @param {((text: string) => Uint8Array) | undefined} native  the browser's own decoder, where it has one
 * @returns {Uint8Array}
 */
export function fromBase64(text, native = Uint8Array.fromBase64?.bind(Uint8Array)) {
  if (native) return native(text);
  const letters = atob(text);
  const bytes = new Uint8Array(letters.length);
  for (let i = 0; i < letters.length; i += 1) bytes[i] = letters.charCodeAt(i);
  return bytes;
}
