/** Applies the style of the bell to its shadow root. */

import text from "bell.css" with { type: "text" };

let sheet: CSSStyleSheet | null = null;

/**
 * Gives a shadow root the style. A page's Content-Security-Policy allows a constructed style sheet. Safari before 16.4
 * has none: there the style is an element, which needs `style-src 'unsafe-inline'`.
 */
export function applyStyle(root: ShadowRoot): void {
  if ("adoptedStyleSheets" in root) {
    sheet ??= new CSSStyleSheet();
    if (sheet.cssRules.length === 0) sheet.replaceSync(text);
    root.adoptedStyleSheets = [sheet];
  } else {
    const style = document.createElement("style");
    style.textContent = text;
    (root as ShadowRoot).append(style);
  }
}
