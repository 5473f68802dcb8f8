/** Heads that are switched off: their output is zero, and the weights that a view draws say where they would have looked. */

/** At most so many heads are named, and more are counted. */
const MOST_NAMED = 4;

/**
 * The heads of a layer that are switched off in a panel.
 *
 * @param {{off?: [number, number][]}} subject  off: layers and heads
 * @param {number} layer
 * @returns {number[]}
 */
export function offIn({ off = [] }, layer) {
  return off.filter(([one]) => one === layer).map(([, head]) => head);
}

/**
 * The names of what is switched off of a panel's heads on show: of a layer's, such as "3"; of all, such as "4.3".
 *
 * @param {import("./look.js").Look} look
 * @param {import("./look.js").Subject} subject
 * @param {number[] | null} heads  on show in the look's layer; null for all heads of all layers
 * @returns {string[]}
 */
export function offNames({ layer }, subject, heads) {
  if (heads === null) return (subject.off ?? []).map(([one, head]) => `${one + 1}.${head + 1}`);
  return offIn(subject, layer).filter((head) => heads.includes(head)).map((head) => `${head + 1}`);
}

/**
 * What a panel's title has beside it, such as "head 3 off"; "" where nothing is.
 *
 * @param {string[]} names
 */
export function offBadge(names) {
  return names.length ? `${nameOf(names)} off` : "";
}

function nameOf(names) {
  if (names.length > MOST_NAMED) return `${names.length} heads`;
  return `${names.length > 1 ? "heads" : "head"} ${names.join(", ")}`;
}

/**
 * What that means, in sentences below the panels; "" where nothing is off.
 *
 * @param {{title: string, names: string[]}[]} panels
 */
export function offNote(panels) {
  const said = panels.filter(({ names }) => names.length).map(({ title, names }) => {
    return `In “${title}” ${nameOf(names)} ${names.length > 1 ? "are" : "is"} switched off.`;
  });
  if (!said.length) return "";
  return `${said.join(" ")} The output of a head switched off is zero; its weights show where it would have looked.`;
}

/**
 * The titles of the panels in which a head of a layer is switched off.
 *
 * @param {import("./look.js").Subject[]} panels
 * @param {number} layer
 * @param {number} head
 * @returns {string[]}
 */
export function offOf(panels, layer, head) {
  return panels.filter((panel) => offIn(panel, layer).includes(head)).map(({ title }) => title);
}
