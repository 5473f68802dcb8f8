/** The life of a view: bytes come in, sizes and themes change, and at the end nothing of it is left. */

import { Frame } from "./frame.js";
import { unpack } from "./unpack.js";

/** A view in an element; what it shows is up to `receive` and `refit`. */
export class View {
  #ending = new AbortController();
  #waiting = new AbortController();

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
   * Shows new data.
   *
   * @param {Uint8Array | null} bytes
   */
  update(bytes) {
    if (!bytes) return;
    this.frame.wait(false);
    this.receive(unpack(bytes));
  }

  /**
   * Shows what a promise brings, and until then that it is being waited for; what was waited for before no longer counts.
   *
   * @template T
   * @param {(signal: AbortSignal) => Promise<T>} fetch
   * @param {(found: T) => void} show
   */
  async await(fetch, show) {
    this.#waiting.abort();
    const { signal } = (this.#waiting = new AbortController());
    this.frame.wait(true);
    try {
      const found = await fetch(signal);
      if (!signal.aborted) show(found);
    } catch (error) {
      if (!signal.aborted) this.frame.say(error.message);
    }
    if (!signal.aborted) this.frame.wait(false);
  }

  /** Ends the view: no listener, observer or request of it is left. */
  destroy() {
    this.#ending.abort();
    this.#waiting.abort();
  }
}
