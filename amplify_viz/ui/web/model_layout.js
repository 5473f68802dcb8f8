/**
 * Where each head's small matrix is, in CSS pixels: a row a layer, a column a head, each with a strip above it.
 *
 * @typedef {{width: number, height: number, left: number, top: number, side: number, strip: number, across: number,
 *   down: number, order: number[][], places: number[][]}} ModelLayout  side: of a matrix; across, down: from one to the
 *   next; order: heads of each layer from left to right; places: where each head stands, so that order[l][places[l][h]] is h
 */

const LEFT = 34;
const TOP = 36;
const CELL = { least: 14, most: 88 };
const STRIP = { plain: 4, numbered: 12 };
const APART = 6; // layers, where numbers stand between them

/**
 * The layout of one panel.
 *
 * @param {number[][]} order  heads of each layer, from left to right
 * @param {number} width
 * @param {{marked: boolean, numbered: boolean}} strips  marked: whether they show something; numbered: a head's number, too
 * @returns {ModelLayout}
 */
export function modelLayout(order, width, { marked, numbered }) {
  const heads = order[0]?.length ?? 0;
  const room = Math.floor((width - LEFT) / Math.max(heads, 1));
  const across = Math.min(Math.max(room, CELL.least), CELL.most);
  const gap = across < 30 ? 2 : 4;
  const side = across - gap;
  const strip = numbered ? STRIP.numbered : marked ? STRIP.plain : 0;
  const down = side + strip + (numbered ? APART : gap);
  const places = order.map((layer) => layer.map((_, head) => layer.indexOf(head)));
  const [wide, height] = [LEFT + heads * across, TOP + order.length * down];
  return { width: Math.max(width, wide), height, left: LEFT, top: TOP, side, strip, across, down, order, places };
}

/**
 * Where a head's matrix begins; its strip is above it.
 *
 * @param {ModelLayout} layout
 * @param {number} layer
 * @param {number} head
 */
export function cellAt({ left, top, across, down, strip, places }, layer, head) {
  return { x: left + places[layer][head] * across, y: top + layer * down + strip };
}

/**
 * The head under a point, with its gap and strip, or nothing.
 *
 * @param {ModelLayout} layout
 * @param {number} x
 * @param {number} y
 * @returns {{side: "from", index: number} | null}
 */
export function hitHead({ left, top, across, down, order }, x, y) {
  const [layer, place] = [Math.floor((y - top) / down), Math.floor((x - left) / across)];
  const head = order[layer]?.[place];
  return head === undefined ? null : { side: "from", index: layer * order[layer].length + head };
}

/**
 * Where a head is, for the keyboard's tooltip.
 *
 * @param {ModelLayout} layout
 * @param {{index: number}} at
 */
export function spotOf(layout, { index }) {
  const heads = layout.order[0].length;
  const { x, y } = cellAt(layout, Math.floor(index / heads), index % heads);
  return { x: x + layout.side, y: y + layout.side / 2, height: layout.down };
}

const STEPS = {
  ArrowLeft: ([layer, place]) => [layer, place - 1],
  ArrowRight: ([layer, place]) => [layer, place + 1],
  ArrowUp: ([layer, place]) => [layer - 1, place],
  ArrowDown: ([layer, place]) => [layer + 1, place],
  PageUp: ([, place]) => [0, place],
  PageDown: ([, place]) => [Infinity, place],
  Home: ([layer]) => [layer, 0],
  End: ([layer]) => [layer, Infinity],
};

/**
 * Where a key leads in the grid, or null if the key does not move; it never leads out of it.
 *
 * @param {ModelLayout} layout
 * @param {{index: number} | null} at
 * @param {string} key
 * @param {number} first  the head at which to begin
 * @returns {{side: "from", index: number} | null}
 */
export function walkHeads({ order, places }, at, key, first) {
  if (!(key in STEPS) || !order.length) return null;
  const heads = order[0].length;
  if (at === null) return { side: "from", index: first };
  const layer = Math.floor(at.index / heads);
  const [down, across] = STEPS[key]([layer, places[layer][at.index % heads]]);
  const within = (value, count) => Math.min(Math.max(value, 0), count - 1);
  const row = within(down, order.length);
  return { side: "from", index: row * heads + order[row][within(across, heads)] };
}
