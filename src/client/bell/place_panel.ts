/** Places the open panel below or above its button, and inside the window. */

const GAP = 8;

/** A Content-Security-Policy without `unsafe-inline` forbids attributes `style`, but not properties that scripts set. */
export function placePanel(panel: HTMLElement, button: HTMLElement): void {
  const { style, offsetWidth: width, offsetHeight: height } = panel;
  const { left, right, top, bottom } = button.getBoundingClientRect();
  const { clientWidth, clientHeight } = document.documentElement;
  const wanted = getComputedStyle(panel).direction === "rtl" ? left : right - width;
  style.left = "0";
  const origin = panel.getBoundingClientRect().left;
  style.left = `${Math.max(GAP, Math.min(wanted, clientWidth - width - GAP)) - origin}px`;
  const opensUp = bottom + height > clientHeight && top > clientHeight - bottom;
  style.top = opensUp ? "auto" : "100%";
  style.bottom = opensUp ? "100%" : "auto";
}
