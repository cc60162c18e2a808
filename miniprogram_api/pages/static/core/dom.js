// Building pages from elements: no markup in strings, so that no text can become markup.

/** @typedef {Node | string | null | false | undefined} Child */

const SVG = "http://www.w3.org/2000/svg";

/**
 * An element. `on…` are listeners, true is a bare attribute, false and null are none.
 *
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Record<string, unknown>} [attributes]
 * @param {...Child} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  give(element, attributes);
  element.append(...children.filter(present));
  return element;
}

/**
 * The same for a drawing.
 *
 * @template {keyof SVGElementTagNameMap} K
 * @param {K} tag
 * @param {Record<string, unknown>} [attributes]
 * @param {...Child} children
 * @returns {SVGElementTagNameMap[K]}
 */
export function svg(tag, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, tag);
  give(element, attributes);
  element.append(...children.filter(present));
  return element;
}

/**
 * Put these in place of what an element holds.
 *
 * @param {Element} place
 * @param {...Child} children
 */
export function fill(place, ...children) {
  place.replaceChildren(...children.filter(present));
}

/**
 * @param {Child} child
 * @returns {child is Node | string}
 */
function present(child) {
  return child !== null && child !== false && child !== undefined;
}

/**
 * @param {Element} element
 * @param {Record<string, unknown>} attributes
 */
function give(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name.slice(2), /** @type {EventListener} */ (value));
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, String(value));
  }
}

/**
 * Say something to whoever listens to the page.
 *
 * @param {string} text
 */
export function announce(text) {
  const said = document.getElementById("said");
  if (!said) return;
  said.textContent = "";
  // Twice the same sentence is heard twice only if the text was gone in between.
  setTimeout(() => {
    said.textContent = text;
  }, 50);
}
