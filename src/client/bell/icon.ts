/** The picture of a bell, which a page may replace by an element with `slot="icon"`. */

const SVG = "http://www.w3.org/2000/svg";
const PATH = "M6 9a6 6 0 0 1 12 0c0 6 2.5 7.5 2.5 7.5h-17S6 15 6 9M10 20a2.2 2.2 0 0 0 4 0";

export function createIcon(): HTMLElement {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("part", "icon");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", PATH);
  svg.append(path);
  const slot = document.createElement("slot");
  slot.name = "icon";
  slot.append(svg);
  return slot;
}
