/** Helpers that find, create and fill elements. Strings become text nodes, never HTML. */

export function byId(id) {
  return document.getElementById(id);
}

/** Creates an element. Keys that are no DOM property, such as `class` or `data-…`, become attributes. */
export function element(name, properties = {}, ...children) {
  const created = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key in created) created[key] = value;
    else created.setAttribute(key, value);
  }
  created.append(...children);
  return created;
}

export function delay(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
