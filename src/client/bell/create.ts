/** Creates the elements of the bell. Strings become text nodes, never HTML. */

/** Creates an element that the page can style as `::part(…)`. The bell's own style selects it by the same name. */
export function create<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  part: string,
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[Name] {
  const created = document.createElement(name);
  created.setAttribute("part", part);
  created.append(...children);
  return created;
}

/** Creates a button that submits no form, and calls `act` when the user presses it. */
export function createButton(part: string, act?: () => void): HTMLButtonElement {
  const button = create("button", part);
  button.type = "button";
  if (act) button.addEventListener("click", act);
  return button;
}

/** Creates text for screen readers only. */
export function createHidden(text = ""): HTMLElement {
  const created = create("span", "", text);
  created.className = "hidden";
  return created;
}
