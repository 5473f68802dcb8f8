/** Where the words of a graph are, in CSS pixels: a column of boxes, or dots on a ring with their labels outside. */

import { startsSentence } from "./head_layout.js";

const HEIGHT = 720;
const ROW = { least: 15, most: 24 };
const TEXT = { least: 10, most: 13 };
const BOX = { pad: 8, share: 0.46, least: 48, most: 200 };
const BREAK = 6;
const MARGIN = 4;
const REACH = { least: 60, share: 0.7 };
const RING = { most: 210, dot: 5.5, gap: 6, label: 130, share: 0.32 };

/**
 * @typedef {{x: number, y: number, across: number, up: number}} Dot  across, up: its place on the unit ring
 * @typedef {{kind: "arc", width: number, height: number, row: number, text: number, left: number, right: number,
 *   middles: number[], longest: number}} ArcLayout  left, right: the boxes' edges; longest: arc, from middle to middle
 * @typedef {{kind: "ring", width: number, height: number, text: number, radius: number, room: number, dots: Dot[],
 *   centre: {x: number, y: number}, dot: number, gap: number}} RingLayout  room: for a label
 */

/**
 * Words one below the other; a place's y is minus its row, so a word that this panel lacks leaves a gap.
 *
 * @param {{segments: (number | null)[], places: [number, number][]}} rows
 * @param {{width: number, widest: (size: number) => number}} room
 * @returns {ArcLayout}
 */
export function arcLayout({ segments, places }, { width, widest }) {
  const count = 1 - Math.min(0, ...places.map(([, y]) => y));
  const row = Math.min(Math.max(HEIGHT / count, ROW.least), ROW.most);
  const text = Math.min(Math.max(row - 5, TEXT.least), TEXT.most);
  const limit = Math.min(Math.max(width * BOX.share, BOX.least), BOX.most);
  const box = Math.min(widest(text) + 2 * BOX.pad, limit);
  let breaks = 0;
  const middles = places.map(([, y], i) => {
    if (startsSentence(segments, i)) breaks += BREAK;
    return MARGIN + row * (0.5 - y) + breaks;
  });
  const height = Math.ceil(MARGIN + row * count + breaks + MARGIN);
  const longest = (middles.at(-1) ?? 0) - (middles[0] ?? 0);
  const left = (width - box) / 2;
  return { kind: "arc", width, height, row, text, left, right: left + box, middles, longest };
}

/**
 * Words on a ring that is large enough for their labels, which point outwards; the panel grows where it is too narrow.
 *
 * @param {{places: [number, number][]}} rows
 * @param {{width: number, widest: (size: number) => number}} room
 * @returns {RingLayout}
 */
export function ringLayout({ places }, { width, widest }) {
  const text = places.length <= 30 ? TEXT.most - 1 : TEXT.least;
  const { dot, gap } = RING;
  const label = Math.min(widest(text), RING.label, Math.max(width * RING.share, 60));
  const least = (places.length * (text + 2)) / (2 * Math.PI) - dot - gap;
  const radius = Math.max(least, Math.min(width / 2 - label - dot - gap, RING.most), 40);
  const side = 2 * (radius + dot + gap + label);
  const full = Math.max(width, side);
  const centre = { x: full / 2, y: side / 2 + MARGIN };
  const dots = places.map(([across, up]) => {
    return { x: centre.x + radius * across, y: centre.y - radius * up, across, up };
  });
  const height = Math.ceil(side + 2 * MARGIN);
  return { kind: "ring", width: full, height, text, radius, room: label, dots, centre, dot, gap };
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

function hitDot({ dots, dot, gap, room, text }, x, y) {
  const reach = (at) => {
    const [dx, dy] = [x - at.x, y - at.y];
    const middle = isMiddle(at);
    const along = middle ? 0 : dx * at.across - dy * at.up;
    const aside = middle ? Math.hypot(dx, dy) : Math.abs(dx * at.up + dy * at.across);
    const within = along >= -dot - 3 && along <= dot + gap + room && aside <= Math.max(text / 2 + 2, dot + 3);
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
 * A curve between two dots from rim to rim, bent towards the middle and a little aside, so that there and back are two.
 *
 * @param {Dot} from
 * @param {Dot} to
 * @param {RingLayout} layout
 * @returns {{x: number, y: number}[]}  start, control point, end
 */
export function curveOf(from, to, { centre, dot }) {
  const bend = isMiddle(from) || isMiddle(to) ? 0 : 0.6;
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
