/**
 * An element with attributes, properties and children.  Text becomes text nodes, so nothing is ever parsed as HTML.
 *
 * @param {string} tag  "div" or "div.class"
 * @param {Record<string, any>} attributes  "on…" are listeners; true is an empty attribute, false and null are none
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

/**
 * A button with words on it.
 *
 * @param {string} text
 * @param {() => void} act
 * @param {Record<string, any>} attributes
 */
export function button(text, act, attributes = {}) {
  return element("button.av-button", { type: "button", onclick: act, ...attributes }, text);
}

/**
 * Replaces an element's children; where one of its buttons has the keyboard, the button in its place gets it.
 *
 * @param {HTMLElement} parent
 * @param {(Node | string)[]} children
 */
export function replaceChildren(parent, children) {
  const at = [...parent.querySelectorAll("button")].indexOf(parent.getRootNode().activeElement);
  parent.replaceChildren(...children);
  if (at >= 0) parent.querySelectorAll("button")[at]?.focus();
}
