/** Reads the payload of a push: the JSON of Declarative Web Push, which Safari 18.4 shows without a worker. */

export interface PushPayload {
  /** Of the notification. */
  readonly id: string;
  /** Undefined: the push does not say. */
  readonly target: string | undefined;
  readonly title: string;
  /** A URL, which may be relative. */
  readonly navigate: string;
  /** The other options of `showNotification`. */
  readonly options: Readonly<Record<string, unknown>> & { readonly tag: string };
  /** The number for the icon of an installed app. */
  readonly badge: number | undefined;
}

/**
 * Returns `foreign` for an object that is not Tidings' own, which the application's handler may know. Returns null for
 * anything but an object, so that the worker shows at least something: a browser takes the permission from a site that
 * receives pushes and shows nothing.
 */
export function parsePayload(text: string | undefined): PushPayload | "foreign" | null {
  const value = parseJson(text ?? "");
  if (Object(value) !== value) return null;
  const { web_push, notification, app_badge } = Object(value);
  const { title, navigate, tag, ...options } = Object(notification);
  const { id, target } = Object(options.data);
  if (web_push !== 8030 || typeof id !== "string") return "foreign";
  return {
    id,
    target: textOf(target),
    title: textOf(title) ?? "",
    navigate: textOf(navigate) ?? "/",
    options: { ...options, tag: textOf(tag) || id || "tidings" },
    badge: typeof app_badge === "number" ? app_badge : undefined,
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
