/** Shows what a push has brought, unless a visible tab has it already. */

import { isPushed, type PushedData } from "./pushed_data.ts";
import type { PushPayload } from "./push_payload.ts";
import { loadRecord } from "./subscription_record.ts";
import { isInVisibleTab } from "./tab_question.ts";
import { worker } from "./worker_scope.ts";

/** What browsers know besides the options of the type. */
type ShowOptions = NotificationOptions & { readonly renotify?: boolean };

export async function showPush(payload: PushPayload | null): Promise<void> {
  const { registration, navigator } = worker;
  const record = await loadRecord(registration.scope).catch(() => undefined);
  // The push service may have kept it from before another user has signed in.
  const isOfOther = payload?.target !== undefined && (record?.target ?? payload.target) !== payload.target;
  if (payload === null || isOfOther) return await showGeneric();
  const { id, target, title, navigate, badge } = payload;
  if (badge !== undefined) void navigator.setAppBadge?.(badge).catch(() => {}); // it is not installed
  if (await isInVisibleTab({ tidings: "has", id, target })) return;
  const { title: defaultTitle = worker.location.host, body: _, ...defaults } = worker.tidingsPush ?? {};
  const options = { ...defaults, ...payload.options };
  const data = { ...options.data, tidingsNavigate: navigate } satisfies PushedData;
  const shown = await registration.getNotifications({ tag: options.tag });
  const isRepeated = shown.some((native) => isPushed(native) && native.data.id === id);
  await show(title || defaultTitle, { ...options, data, renotify: !isRepeated });
}

/** Says no more than that there is something. Another one replaces it. */
async function showGeneric(): Promise<void> {
  const { title = worker.location.host, ...options } = worker.tidingsPush ?? {};
  const data = { id: "", tidingsNavigate: "/" } satisfies PushedData;
  await show(title, { ...options, tag: "tidings", data });
}

/** A later version of the service may send what this browser refuses. */
async function show(title: string, options: ShowOptions & { readonly tag: string }): Promise<void> {
  const { tag, data, body } = options;
  await worker.registration.showNotification(title, options).catch(async (error) => {
    if (!(error instanceof TypeError)) throw error;
    await worker.registration.showNotification(title, {
      tag,
      data,
      ...(typeof body === "string" && { body }),
    });
  });
}
