/** Numbers and times in the language of the page. */

const UNITS = [
  ["year", 31_536_000],
  ["month", 2_592_000],
  ["week", 604_800],
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
] as const;

/** The language of the element; undefined, which is the browser's, if the page names none that is valid. */
export function localeOf(element: Element): string | undefined {
  const lang = element.closest<HTMLElement>("[lang]")?.lang || document.documentElement.lang;
  try {
    return Intl.getCanonicalLocales(lang)[0];
  } catch {
    return undefined;
  }
}

/** "2 hours ago". The service's clock may be ahead of the browser's: nothing has happened in the future. */
export function relativeTime(at: string, locale: string | undefined): string {
  const seconds = Math.min(0, (Date.parse(at) - Date.now()) / 1_000);
  const [unit, length] = UNITS.find(([, length]) => -seconds >= length) ?? ["second", Infinity];
  return new Intl.RelativeTimeFormat(locale, { numeric: "auto" }).format(Math.trunc(seconds / length), unit);
}

/** "99+": a badge has room for two digits. */
export function badgeText(count: number, locale: string | undefined): string {
  const format = new Intl.NumberFormat(locale);
  return count > 99 ? `${format.format(99)}+` : format.format(count);
}
