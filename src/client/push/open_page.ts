/** Opens what a click on a notification leads to, in a tab that is open if there is one. */

import { worker } from "./worker_scope.ts";

/** @param navigate a URL, which may be relative to the scope of the worker */
export async function openPage(navigate: string): Promise<void> {
  const { clients, registration, location } = worker;
  const { href, origin } = urlOf(navigate, registration.scope);
  const all = await clients.matchAll({ type: "window", includeUncontrolled: true });
  const windows = all.filter(({ frameType }) => frameType !== "nested");
  const [latest] = windows, same = windows.find(({ url }) => url === href);
  if (same !== undefined) return void await same.focus();
  if (latest === undefined || origin !== location.origin) return void await clients.openWindow(href);
  if (href === `${origin}/`) return void await latest.focus(); // it names the site and no page
  // It cannot navigate a window that was loaded before the worker. The attempt leaves the permission to open one.
  const navigated = await latest.navigate(href).catch(() => null);
  await (navigated?.focus() ?? clients.openWindow(href));
}

/** A click on what is no URL leads to the site, like one on a push without any. */
function urlOf(navigate: string, scope: string): URL {
  try {
    return new URL(navigate, scope);
  } catch {
    return new URL("/", scope);
  }
}
