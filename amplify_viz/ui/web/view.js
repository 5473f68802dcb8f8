/** The life of a view: bytes come in, sizes and themes change, and at the end nothing of it is left. */

import { Frame } from "./frame.js";
import { unpack } from "./unpack.js";

/** A view in an element; what it shows is up to `receive` and `refit`. */
export class View {
  #ending = new AbortController();
  #opening = new AbortController();

  /**
   * @param {ParentNode} parent
   * @param {string} name
   */
  constructor(parent, name) {
    const { signal } = this.#ending;
    this.frame = new Frame(parent, name, signal);
    this.signal = signal;
    const observer = new ResizeObserver(() => this.refit());
    observer.observe(this.frame.body);
    signal.addEventListener("abort", () => observer.disconnect());
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.refit(), { signal });
    document.fonts.addEventListener("loadingdone", () => this.refit(), { signal });
  }

  get root() {
    return this.frame.root;
  }

  /**
   * Shows new data; what is still being fetched of older data no longer counts.
   *
   * @param {Uint8Array | null} bytes
   */
  async update(bytes) {
    this.#opening.abort();
    const { signal } = (this.#opening = new AbortController());
    this.frame.wait(true);
    if (!bytes) return;
    try {
      const payload = await open(bytes, signal);
      if (!signal.aborted) this.receive(payload);
    } catch (error) {
      if (!signal.aborted) this.frame.say(error.message);
    }
    if (!signal.aborted) this.frame.wait(false);
  }

  /** Ends the view: no listener, observer or request of it is left. */
  destroy() {
    this.#ending.abort();
    this.#opening.abort();
  }
}

/** The payload of some bytes; where they only say where the numbers are to be had, those are fetched. */
async function open(bytes, signal) {
  const payload = unpack(bytes);
  if (!payload.meta.fetch) return payload;
  const answer = await fetch(new URL(payload.meta.fetch, document.baseURI), { signal }).catch(() => null);
  if (!answer) throw new Error("The server does not answer: see whether it still runs, then reload the page.");
  if (!answer.ok) throw new Error(await answer.text());
  return unpack(new Uint8Array(await answer.arrayBuffer()));
}
