/** Opacity of lines: proportional to the weight, full at the end of a scale that all panels share. */

/** Opacities are drawn in this many steps. */
export const STEPS = 32;
/** No panel draws more lines than this at once. */
export const MOST_LINES = 3000;
/** A line fainter than this cannot be seen. */
export const FAINTEST = 1 / 255;
/** Weights are counted this finely to find a floor. */
const GRAINS = 2048;

/**
 * The opacity step of a weight: opacity is proportional to the weight, full at the scale's end.
 *
 * @param {number} weight
 * @param {number} scale
 * @returns {number}  0 to STEPS - 1
 */
export function stepOf(weight, scale) {
  return Math.min(STEPS - 1, Math.floor((weight / scale) * STEPS));
}

/**
 * The opacity at which a step is drawn: the middle of what it holds.
 *
 * @param {number} step
 * @returns {number}
 */
export function opacityOf(step) {
  return step === STEPS - 1 ? 1 : (step + 0.5) / STEPS;
}

/**
 * The least weight, by its distance from 0, whose line is drawn, so that no panel draws more than `most`, and one floor for all.
 *
 * @param {{values: Float32Array}[]} panels
 * @param {number} scale
 * @param {number} most
 * @returns {number}
 */
export function floorFor(panels, scale, most = MOST_LINES) {
  if (!(scale > 0)) return 0;
  const counts = panels.map(({ values }) => {
    const bins = new Uint32Array(GRAINS + 1);
    for (let i = 0; i < values.length; i += 1) bins[Math.min(GRAINS, Math.floor((Math.abs(values[i]) / scale) * GRAINS))] += 1;
    return bins;
  });
  const left = panels.map(() => most);
  for (let bin = GRAINS; bin >= 0; bin -= 1) {
    const full = counts.some((bins, i) => (left[i] -= bins[bin]) < 0);
    if (full || bin / GRAINS < FAINTEST) return (Math.max(bin + (full ? 1 : 0), FAINTEST * GRAINS) / GRAINS) * scale;
  }
  return 0;
}
