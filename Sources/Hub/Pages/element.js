/**
 * Builds elements. Text always becomes a text node, so nothing that a device, a user or the hub says is ever markup.
 */

/**
 * @param tag The element's name.
 * @param properties `class`, `on<event>` handlers, DOM properties that exist on the element, else attributes;
 *   null and undefined are left out.
 * @param children Elements and texts; null is left out.
 */
export function element(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === null || value === undefined) continue;
    if (name === "class") node.className = value;
    else if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name in node && !name.startsWith("aria-")) node[name] = value;
    else node.setAttribute(name, value);
  }
  node.append(...children.filter((child) => child !== null));
  return node;
}

const svgNamespace = "http://www.w3.org/2000/svg";

/** The same for SVG, attributes only. */
export function vector(tag, attributes = {}, ...children) {
  const node = document.createElementNS(svgNamespace, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

let lastID = 0;

/** An id that no other element has, to join labels and descriptions. */
export function uniqueID(prefix) {
  lastID += 1;
  return `${prefix}-${lastID}`;
}
