/** Labels that fit: text is cut between what a reader sees as characters, never inside one. */

const CHARACTERS = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/**
 * The text, or as many of its characters as fit with "…" behind them; at least one character stays.
 *
 * @param {string} text
 * @param {number} width
 * @param {(text: string) => number} measure  width of a text
 * @returns {string}
 */
export function ellipsise(text, width, measure) {
  if (measure(text) <= width) return text;
  const characters = Array.from(CHARACTERS.segment(text), ({ segment }) => segment);
  let fits = 1;
  let tooMany = characters.length;
  while (tooMany - fits > 1) {
    const middle = (fits + tooMany) >> 1;
    if (measure(`${characters.slice(0, middle).join("")}…`) <= width) fits = middle;
    else tooMany = middle;
  }
  return `${characters.slice(0, fits).join("")}…`;
}

/**
 * A measure for `ellipsise` that remembers: text width under one canvas font.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {string} font
 * @returns {(text: string) => number}
 */
export function measurer(context, font) {
  const widths = new Map();
  return (text) => {
    if (!widths.has(text)) {
      context.font = font;
      widths.set(text, context.measureText(text).width);
    }
    return widths.get(text);
  };
}
