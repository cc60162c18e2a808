// Building from elements: no markup in strings, so that no text becomes markup.

const SVG = "http://www.w3.org/2000/svg";

/**
 * The element with this id, of this kind.
 *
 * @template {HTMLElement} T
 * @param {string} id
 * @param {new () => T} kind
 * @returns {T}
 */
export function byId(id, kind) {
  const element = document.getElementById(id);
  if (!(element instanceof kind)) throw new Error(`no ${id}`);
  return element;
}

/**
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Record<string, string>} [attributes]
 * @param {...(Node | string)} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/**
 * A drawing of one path on a field of 24 by 24.
 *
 * @param {string} path
 * @param {string} name class
 */
export function drawing(path, name) {
  const [image, line] = [document.createElementNS(SVG, "svg"), document.createElementNS(SVG, "path")];
  image.setAttribute("viewBox", "0 0 24 24");
  image.setAttribute("class", name);
  image.setAttribute("aria-hidden", "true");
  line.setAttribute("d", path);
  image.append(line);
  return image;
}
