/**
 * Dragging, Ctrl and wheel, and + − 0 on a canvas that shows a window of something larger.
 *
 * @typedef {import("./matrix_zoom.js").Zoom} Zoom
 * @typedef {{now: () => Zoom | null, size: () => number, side: () => number, corner: () => number,
 *   inMap: (x: number, y: number) => {x: number, y: number} | null, set: (zoom: Zoom | null) => void}} Window
 *   now: the window, null while there is nothing to zoom; side, corner: of the picture, in CSS pixels; inMap: the point
 *   of the whole that lies at a point of its small picture
 */

import { centred, panned, zoomed } from "./matrix_zoom.js";

const STEP = 0.7;
/** A pointer that moved less was a click. */
const STILL = 3;

/**
 * @param {HTMLElement} stage
 * @param {HTMLCanvasElement} canvas
 * @param {Window} window
 * @param {AbortSignal} signal
 */
export function zooming(stage, canvas, window, signal) {
  let drag = null;
  const start = (event) => {
    if (event.button !== 0 || event.pointerType === "touch" || !window.now()) return;
    const { offsetX: x, offsetY: y } = event;
    drag = { x, y, from: window.now(), map: window.inMap(x, y) !== null, moved: false };
  };
  const move = (event) => {
    if (!drag || !(event.buttons & 1)) return (drag = null);
    const [dx, dy] = [event.offsetX - drag.x, event.offsetY - drag.y];
    drag.moved ||= Math.hypot(dx, dy) > STILL;
    if (!drag.moved) return null;
    event.stopImmediatePropagation(); // what is dragged is not pointed at
    const at = drag.map ? window.inMap(event.offsetX, event.offsetY) : null;
    if (at) window.set(centred(drag.from, at.x, at.y));
    else if (!drag.map) window.set(panned(drag.from, -dx / window.side(), -dy / window.side()));
    return null;
  };
  const click = (event) => {
    const moved = drag?.moved;
    drag = null;
    const at = window.now() && window.inMap(event.offsetX, event.offsetY);
    if (at && !moved) window.set(centred(window.now(), at.x, at.y));
    if (at || moved) event.stopImmediatePropagation();
  };
  const wheel = (event) => {
    if (!window.now() || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    const share = (pixel) => Math.min(1, Math.max(0, (pixel - window.corner()) / window.side()));
    const factor = Math.exp(Math.max(-0.5, Math.min(0.5, event.deltaY / 200)));
    window.set(zoomed(window.now(), { x: share(event.offsetX), y: share(event.offsetY), factor, size: window.size() }));
  };
  const key = (event) => {
    if (!window.now() || event.ctrlKey || event.metaKey || event.altKey) return;
    const acted = byKey(event.key, window);
    if (acted) event.preventDefault();
  };
  canvas.addEventListener("pointerdown", start, { signal });
  canvas.addEventListener("pointermove", move, { signal });
  canvas.addEventListener("click", click, { signal });
  canvas.addEventListener("wheel", wheel, { signal, passive: false });
  stage.addEventListener("keydown", key, { signal });
}

/**
 * Zooms by a step: closer for "+", out for "−", to the whole for "0".
 *
 * @param {string} key
 * @param {Window} window
 * @returns {boolean}  whether the key does anything
 */
export function byKey(key, window) {
  const middle = { x: 0.5, y: 0.5, size: window.size() };
  if (key === "+" || key === "=") window.set(zoomed(window.now(), { ...middle, factor: STEP }));
  else if (key === "-" || key === "−") window.set(zoomed(window.now(), { ...middle, factor: 1 / STEP }));
  else if (key === "0") window.set({ x: 0, y: 0, span: 1 });
  else return false;
  return true;
}
