/** The look in an address: its parameters, as views/look.py writes and reads them, and an address that says them. */

/** Choices that count from one in a link. */
const COUNTED = ["layer", "heads", "head", "focus", "difference"];

/**
 * The choices that are not the usual ones, as parameters; the layer always.
 *
 * @param {import("./look.js").Look} look
 * @param {import("./look.js").Look} usual
 * @returns {Record<string, string>}
 */
export function parametersOf(look, usual) {
  const same = (name) => JSON.stringify(look[name]) === JSON.stringify(usual[name]);
  const named = Object.keys(look).filter((name) => name === "layer" || !same(name));
  return Object.fromEntries(named.map((name) => [name, written(name, look[name])]));
}

function written(name, value) {
  if (value === null) return "";
  if (!COUNTED.includes(name)) return String(value);
  return [value].flat().map((number) => number + 1).join(",") || "none"; // prettier-ignore
}

/**
 * The address that says these parameters, and none of the others of these names; the same where it says so already.
 *
 * @param {string} address
 * @param {string[]} names
 * @param {Record<string, string>} parameters
 * @returns {string}
 */
export function saying(address, names, parameters) {
  const url = new URL(address);
  const wrong = names.filter((name) => url.searchParams.get(name) !== (parameters[name] ?? null));
  for (const name of wrong) {
    if (name in parameters) url.searchParams.set(name, parameters[name]);
    else url.searchParams.delete(name);
  }
  return wrong.length ? url.href : address;
}
