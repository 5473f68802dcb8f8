/** Canvases as sharp as the screen, within what browsers can hold. */

const MOST_PIXELS = 16_000_000;
const MOST_SIDE = 16_000;

/**
 * Device pixels per CSS pixel for a canvas of this size: the screen's own, or less where the canvas would be too large.
 *
 * @param {number} width
 * @param {number} height
 * @param {number} ratio  the screen's device pixels per CSS pixel
 * @returns {number}
 */
export function sharpness(width, height, ratio) {
  const byArea = Math.sqrt(MOST_PIXELS / Math.max(width * height, 1));
  return Math.min(ratio, byArea, MOST_SIDE / Math.max(width, height, 1));
}

/**
 * Gives the canvas its size and returns a cleared context that draws in CSS pixels.
 *
 * @param {HTMLCanvasElement} canvas
 * @param {number} width
 * @param {number} height
 * @returns {CanvasRenderingContext2D}
 */
export function cleared(canvas, width, height) {
  const ratio = sharpness(width, height, globalThis.devicePixelRatio || 1);
  const [across, down] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== across || canvas.height !== down) {
    canvas.width = across;
    canvas.height = down;
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
  }
  const context = canvas.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  context.direction = "ltr";
  context.textBaseline = "middle";
  return context;
}
