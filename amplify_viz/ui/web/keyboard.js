/** How arrow keys walk through rows. */

/**
 * Where a key leads from a row, or null if the key does not move.
 *
 * @param {{side: "from" | "to", index: number} | null} at  null before the first key
 * @param {string} key  as in KeyboardEvent.key
 * @param {{count: number, sides: boolean}} rows  how many there are, and whether there are two columns of them
 * @returns {{side: "from" | "to", index: number} | null}
 */
export function moved(at, key, { count, sides }) {
  if (count === 0 || !(key in STEPS)) return null;
  if (at === null) return { side: "from", index: key === "End" ? count - 1 : 0 };
  if (sides && key === "ArrowLeft") return { ...at, side: "from" };
  if (sides && key === "ArrowRight") return { ...at, side: "to" };
  const index = Math.min(Math.max(STEPS[key](at.index, count), 0), count - 1);
  return { ...at, index };
}

const PAGE = 10;
const STEPS = {
  ArrowUp: (index) => index - 1,
  ArrowDown: (index) => index + 1,
  ArrowLeft: (index) => index - 1,
  ArrowRight: (index) => index + 1,
  PageUp: (index) => index - PAGE,
  PageDown: (index) => index + PAGE,
  Home: () => 0,
  End: (_, count) => count - 1,
};
