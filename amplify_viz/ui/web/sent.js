/** Looks on their way to the page: sent a moment after the last change, and known again when the page sends them back. */

/** So long after the last change, in milliseconds. */
const DELAY = 150;
/** No more looks than this are remembered. */
const MOST = 50;

export class Sent {
  #tell;
  #timer = 0;
  /** @type {string[]} */
  #known = [];

  /**
   * @param {(look: import("./look.js").Look, view?: string) => void} tell
   * @param {AbortSignal} signal  ends it
   */
  constructor(tell, signal) {
    this.#tell = tell;
    signal.addEventListener("abort", () => clearTimeout(this.#timer));
  }

  /** @param {import("./look.js").Look} look */
  send(look) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.sendNow(look), DELAY);
  }

  /**
   * Sends a look at once, in place of any that waits.
   *
   * @param {import("./look.js").Look} look
   * @param {string} [view]  another view that the page shall open
   */
  sendNow(look, view) {
    clearTimeout(this.#timer);
    this.#known = [...this.#known, JSON.stringify(look)].slice(-MOST);
    this.#tell(look, view);
  }

  /**
   * Whether a look that the page sends is one that it got from here; those sent before it are then forgotten.
   *
   * @param {import("./look.js").Look} look
   */
  knows(look) {
    const at = this.#known.indexOf(JSON.stringify(look));
    this.#known = this.#known.slice(at + 1);
    return at >= 0;
  }
}
