/** Where the words of a graph are, in CSS pixels: a column of boxes, or dots on a ring with their labels outside. */

const HEIGHT = 720;
const ROW = { least: 15, most: 24 };
const TEXT = { least: 10, most: 13 };
const BOX = { pad: 8, share: 0.46, least: 48, most: 200 };
const MARGIN = 4;
const REACH = { least: 60, share: 0.7 };
const RING = { start: 80, each: 7, usual: 190, half: 366, least: 40, gap: 6, label: 130, share: 0.24, shortest: 48 };
const DOT = { least: 1.6, most: 6.5, share: 0.4 };

/**
 * @typedef {{x: number, y: number, across: number, up: number}} Dot  across, up: its place on the unit ring
 * @typedef {{kind: "arc", width: number, height: number, row: number, text: number, left: number, right: number,
 *   middles: number[], longest: number}} ArcLayout  left, right: the boxes' edges; longest: arc, from middle to middle
 * @typedef {{kind: "ring", width: number, height: number, text: number, radius: number, room: number, dots: Dot[],
 *   labelled: boolean[], centre: {x: number, y: number}, dot: number, gap: number}} RingLayout  room: for a label;
 *   labelled: whether a dot's label is shown without being asked for; dot: radius
 */

/** How far the longest curves of a ring are bent to its middle, as a share of the way. */
const BEND = 0.6;
/** Of a row: the space for words that are not shown, and between sentences. */
const LEFT_OUT = 0.35;

/**
 * Where each word stands, as `graph.layout` in Python has it: in a column, or on a ring clockwise from the top, in "radial"
 * around the focus word.  Places depend on the words alone, so they are the same in all panels.
 *
 * @param {{words: number[], segments: (number | null)[]}} rows  words: positions in the text, ascending
 * @param {number} focus
 * @param {"arc" | "circle" | "radial"} kind
 * @returns {Map<number, [number, number]>}  x to the right, y upwards
 */
export function placesOf(rows, focus, kind) {
  if (kind === "arc") return columnOf(rows);
  const ring = kind === "radial" ? rows.words.filter((word) => word !== focus) : rows.words;
  const places = new Map(
    ring.map((word, i) => {
      const angle = (2 * Math.PI * i) / ring.length;
      return [word, [Math.sin(angle), Math.cos(angle)]];
    }),
  );
  return kind === "radial" ? places.set(focus, [0, 0]) : places;
}

function columnOf({ words, segments }) {
  let y = 0;
  return new Map(
    words.map((word, i) => {
      const isNext = i > 0 && word - words[i - 1] === 1 && segments[i] === segments[i - 1];
      if (i > 0) y -= isNext ? 1 : 1 + LEFT_OUT;
      return [word, [0, y]];
    }),
  );
}

/**
 * Words one below the other; a place's y is minus its row, so a word that this panel lacks leaves a gap.
 *
 * @param {{places: [number, number][]}} rows
 * @param {{width: number, widest: (size: number) => number}} room
 * @returns {ArcLayout}
 */
export function arcLayout({ places }, { width, widest }) {
  const count = 1 - Math.min(0, ...places.map(([, y]) => y));
  const row = Math.min(Math.max(HEIGHT / count, ROW.least), ROW.most);
  const text = Math.min(Math.max(row - 5, TEXT.least), TEXT.most);
  const limit = Math.min(Math.max(width * BOX.share, BOX.least), BOX.most);
  const box = Math.min(widest(text) + 2 * BOX.pad, limit);
  const middles = places.map(([, y]) => MARGIN + row * (0.5 - y));
  const height = Math.ceil(row * count + 2 * MARGIN);
  const longest = (middles.at(-1) ?? 0) - (middles[0] ?? 0);
  const left = (width - box) / 2;
  return { kind: "arc", width, height, row, text, left, right: left + box, middles, longest };
}

/**
 * Words on a ring that fits into its panel.  Where it has no room for all labels, which point outwards, only those are
 * shown that come first in `order` and do not touch one that came before.
 *
 * @param {{words: number[], places: [number, number][]}} rows
 * @param {{width: number, widest: (size: number) => number, order: number[]}} room  order: of words
 * @returns {RingLayout}
 */
export function ringLayout({ words, places }, { width, widest, order }) {
  const text = places.length <= 30 ? TEXT.most - 1 : TEXT.least;
  const { gap } = RING;
  const label = Math.min(widest(text) + 2, RING.label, Math.max(width * RING.share, RING.shortest));
  const most = Math.max(Math.min(width / 2, RING.half) - label - gap - DOT.most, RING.least);
  const wanted = (places.length * (text + 2)) / (2 * Math.PI) - gap - DOT.most;
  const usual = Math.min(RING.usual, RING.start + RING.each * places.length);
  const radius = Math.min(most, Math.max(usual, wanted));
  const dot = Math.max(DOT.least, Math.min(DOT.most, (DOT.share * 2 * Math.PI * radius) / places.length));
  const side = 2 * (radius + dot + gap + label);
  const centre = { x: width / 2, y: side / 2 + MARGIN };
  const dots = places.map(([across, up]) => {
    return { x: centre.x + radius * across, y: centre.y - radius * up, across, up };
  });
  const labelled = labelledIn(dots, order.map((word) => words.indexOf(word)), (text + 1) / (radius + dot + gap)); // prettier-ignore
  const height = Math.ceil(side + 2 * MARGIN);
  return { kind: "ring", width, height, text, radius, room: label, dots, labelled, centre, dot, gap };
}

/** Which dots get a label: one after the other, where it is at least so far (in radians) from those that have one. */
function labelledIn(dots, order, apart) {
  const angles = [];
  const labelled = dots.map(() => false);
  for (const index of order) {
    if (index < 0) continue;
    const { across, up } = dots[index];
    const angle = Math.atan2(across, up);
    const fits = isMiddle(dots[index]) || angles.every((other) => distance(angle, other) >= apart);
    if (fits && !isMiddle(dots[index])) angles.push(angle);
    labelled[index] = fits;
  }
  return labelled;
}

function distance(a, b) {
  const turn = Math.abs(a - b) % (2 * Math.PI);
  return Math.min(turn, 2 * Math.PI - turn);
}

/**
 * The word under a point: its box, its dot or its label.
 *
 * @param {ArcLayout | RingLayout} layout
 * @param {number} x
 * @param {number} y
 * @returns {{side: "from", index: number} | null}
 */
export function hitWord(layout, x, y) {
  const index = layout.kind === "arc" ? hitBox(layout, x, y) : hitDot(layout, x, y);
  return index < 0 ? null : { side: "from", index };
}

function hitBox({ left, right, row, middles }, x, y) {
  return x < left || x > right ? -1 : middles.findIndex((middle) => Math.abs(y - middle) <= row / 2);
}

function hitDot({ dots, labelled, dot, gap, room, text }, x, y) {
  const reach = (at, index) => {
    const [dx, dy] = [x - at.x, y - at.y];
    const middle = isMiddle(at);
    const along = middle ? 0 : dx * at.across - dy * at.up;
    const aside = middle ? Math.hypot(dx, dy) : Math.abs(dx * at.up + dy * at.across);
    const out = dot + gap + (labelled[index] ? room : 0);
    const within = along >= -dot - 3 && along <= out && aside <= Math.max(text / 2 + 2, dot + 3);
    return within ? aside : Infinity;
  };
  const distances = dots.map(reach);
  const least = Math.min(...distances);
  return least === Infinity ? -1 : distances.indexOf(least);
}

/**
 * Whether a dot is the middle of the ring rather than on it.
 *
 * @param {Dot} dot
 */
export function isMiddle({ across, up }) {
  return Math.hypot(across, up) < 0.5;
}

/**
 * How far out an arc reaches: longer ones further, as the root of their length, so that short ones can still be seen.
 *
 * @param {number} length  from middle to middle, downwards positive
 * @param {{left: number, longest: number}} layout
 * @returns {number}  to the right for later words, to the left (negative) for earlier ones
 */
export function reachOf(length, { left, longest }) {
  const room = Math.min(left - 4, REACH.least + REACH.share * longest);
  return Math.sign(length) * room * Math.sqrt(Math.abs(length) / (longest || 1));
}

/**
 * A curve between two dots from rim to rim, bent towards the middle, the more the longer it is, and a little aside, so
 * that there and back are two.
 *
 * @param {Dot} from
 * @param {Dot} to
 * @param {RingLayout} layout
 * @returns {{x: number, y: number}[]}  start, control point, end
 */
export function curveOf(from, to, { centre, dot, radius }) {
  const length = Math.hypot(to.x - from.x, to.y - from.y);
  const bend = isMiddle(from) || isMiddle(to) ? 0 : BEND * Math.min(1, length / radius);
  const [x, y] = [(from.x + to.x) / 2, (from.y + to.y) / 2];
  const control = {
    x: x + bend * (centre.x - x) + 0.08 * (to.y - from.y),
    y: y + bend * (centre.y - y) - 0.08 * (to.x - from.x),
  };
  return [towards(from, control, dot + 1), control, towards(to, control, dot + 1)];
}

function towards(from, to, length) {
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const distance = Math.hypot(dx, dy) || 1;
  return { x: from.x + (length * dx) / distance, y: from.y + (length * dy) / distance };
}
