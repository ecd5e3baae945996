/** Plays a push at the service worker: a browser takes the permission from a site that shows nothing. */

import "../../../src/client/push_worker.min.js"; // as it is served; it listens from now on
import { parsePayload } from "../../../src/client/push/push_payload.ts";
import { isPushed } from "../../../src/client/push/pushed_data.ts";
import { replace } from "../../simulation/runtime/globals.ts";
import { isObject } from "../json/json.ts";
import type { Tally } from "../tally.ts";
import { expect } from "../violation.ts";

export interface PushInput {
  /** Null: the push has no data. */
  readonly payload: string | null;
  /** Whether the browser refuses options that are not of its types, as browsers do. */
  readonly isStrict: boolean;
}

const SCOPE = "https://app.example.com/";
const PLAIN = ["tag", "data", "body"];

/** What a browser does with the options of a notification: it refuses what it cannot turn into its types. */
function checkOptions(options: Readonly<Record<string, unknown>>, isStrict: boolean): void {
  const unknown = Object.keys(options).find((name) => !PLAIN.includes(name));
  if (isStrict && unknown !== undefined) throw new TypeError(`${unknown} is not of its type`);
  if (options.body !== undefined) String(options.body); // throws for an object without a text
  structuredClone(options.data);
}

/** @throws {Violation} */
export async function playPush({ payload: text, isStrict }: PushInput, tally: Tally): Promise<void> {
  const shown: { title: string; data: unknown; tag: unknown }[] = [], opened: string[] = [];
  const restore = replace(globalThis, {
    location: new URL(SCOPE),
    clients: {
      matchAll: () => Promise.resolve([]),
      openWindow: (url: string) => Promise.resolve(void opened.push(url)),
    },
    registration: {
      scope: SCOPE,
      getNotifications: () => Promise.resolve([]),
      showNotification: (title: string, options: Readonly<Record<string, unknown>>) =>
        Promise.try(() => {
          checkOptions(options, isStrict);
          shown.push({ title, data: options.data, tag: options.tag });
        }),
    },
  });
  try {
    const payload = parsePayload(text ?? undefined);
    tally.add(payload === "foreign" ? "foreign" : payload === null ? "no object" : "shown");
    if (payload === "foreign") return;
    await dispatch("push", { data: text === null ? null : { text: () => text } });
    const [first] = shown;
    expect(shown.length === 1 && first !== undefined, () => `${shown.length} notifications are shown`);
    const { title, tag, data } = first;
    expect(typeof title === "string" && title !== "", () => `the title is ${JSON.stringify(title)}`);
    expect(typeof tag === "string" && tag !== "", () => `the tag is ${JSON.stringify(tag)}`);
    expect(
      isPushed({ data }) && isObject(data),
      () => `a click on it leads nowhere: ${JSON.stringify(data)}`,
    );
    await dispatch("notificationclick", { notification: { data, close: () => {} } });
    expect(opened.length === 1, () => `a click on it opens ${opened.length} pages`);
  } finally {
    restore();
  }
}

/** Resolves when the worker has done what it does because of the event. */
async function dispatch(type: string, properties: object): Promise<void> {
  const work: Promise<unknown>[] = [];
  const waitUntil = (promise: Promise<unknown>) => void work.push(promise);
  globalThis.dispatchEvent(Object.assign(new Event(type), properties, { waitUntil }));
  await Promise.all(work);
}
