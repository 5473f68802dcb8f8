/**
 * The numbers of a view, in chunks: fetched from the app's route, or taken from the page that holds them.
 *
 * @typedef {import("./unpack.js").Payload} Payload
 * @typedef {{get: (name: string) => Uint8Array | undefined}} Given  chunks by "<panel's id>/<chunk's name>"
 */

import { unpack } from "./unpack.js";

/** Unpacked numbers are kept up to so many bytes: a dozen layers of 12 heads and 400 tokens. */
const MOST_BYTES = 96 * 2 ** 20;

/** Where a view gets its chunks; recent ones are kept unpacked. */
export class Chunks {
  #given;
  #most;
  /** @type {Map<string, Payload>} */
  #kept = new Map();
  #bytes = 0;

  /**
   * @param {Given | null} given
   * @param {number} most  bytes to keep
   */
  constructor(given = null, most = MOST_BYTES) {
    this.#given = given;
    this.#most = most;
  }

  /**
   * A chunk's payload.  Rejects with a sentence for people where it cannot be had.
   *
   * @param {string | null} base  the address below which chunks are had
   * @param {string} name  "<panel's id>/<chunk's name>"
   * @param {AbortSignal} signal  ends the fetching
   * @returns {Promise<Payload>}
   */
  async get(base, name, signal) {
    const known = this.#kept.get(name);
    if (known) {
      this.#kept.delete(name);
      this.#kept.set(name, known); // now the most recently used
      return known;
    }
    const given = this.#given?.get(name);
    const payload = unpack(given ?? (await fetched(base, name, signal)));
    this.#keep(name, payload);
    return payload;
  }

  #keep(name, payload) {
    if (this.#kept.has(name)) return;
    this.#kept.set(name, payload);
    this.#bytes += sizeOf(payload);
    for (const [oldest, kept] of this.#kept) {
      if (this.#bytes <= this.#most || oldest === name) break;
      this.#kept.delete(oldest);
      this.#bytes -= sizeOf(kept);
    }
  }
}

function sizeOf({ arrays }) {
  return Object.values(arrays).reduce((sum, { values }) => sum + values.byteLength, 0);
}

async function fetched(base, name, signal) {
  if (base === null) throw new Error("These numbers are not in this page: export it again with them.");
  const address = new URL(`${base}/${name}`, document.baseURI);
  const answer = await fetch(address, { signal }).catch((error) => {
    if (signal.aborted) throw error;
    return null;
  });
  if (!answer) throw new Error("The server does not answer: see whether it still runs, then reload the page.");
  if (!answer.ok) throw new Error(await answer.text());
  return new Uint8Array(await answer.arrayBuffer());
}
