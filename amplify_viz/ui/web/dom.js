/**
 * An element with attributes, properties and children.  Text becomes text nodes, so nothing is ever parsed as HTML.
 *
 * @param {string} tag  "div" or "div.class"
 * @param {Record<string, any>} attributes  "on…" functions are listeners; true is an empty attribute, false and null none
 * @param {...(Node | string | null)} children
 * @returns {HTMLElement}
 */
export function element(tag, attributes = {}, ...children) {
  const [name, ...classes] = tag.split(".");
  const node = document.createElement(name);
  if (classes.length) node.className = classes.join(" ");
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else if (value === true) node.setAttribute(key, "");
    else if (value !== false && value !== null) node.setAttribute(key, value);
  }
  node.append(...children.filter((child) => child !== null));
  return node;
}

/**
 * A piece of somebody's text, whatever its direction, that cannot disturb what stands around it.
 *
 * @param {string} text
 */
export function bdi(text) {
  return element("bdi", {}, text);
}
