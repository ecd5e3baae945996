/** Making and filling elements. Text is always text: nothing here reads HTML. */

export function byId(id) {
  return document.getElementById(id);
}

/** An element with properties (`class` and `data-…` too) and children, which are elements or text. */
export function element(name, properties = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key in made) made[key] = value;
    else made.setAttribute(key === "class" ? "class" : key, value);
  }
  made.append(...children);
  return made;
}

/** Resolves in so many milliseconds. */
export function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
