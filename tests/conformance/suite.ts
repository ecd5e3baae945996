/** All cases, and those that `--only` names. */

import type { Case } from "./case.ts";
import { CLIENTS_ACCESS } from "./protocol/clients_access.ts";
import { ERRORS } from "./protocol/errors.ts";
import { PAGES_ACCESS } from "./protocol/pages_access.ts";
import { PUBLISHERS_ACCESS } from "./protocol/publishers_access.ts";
import { LINES } from "./protocol/lines.ts";
import { PUBLISH_ANSWERS } from "./protocol/publish_answers.ts";
import { PUBLISH_SOCKET } from "./protocol/publish_socket.ts";
import { PUBLISHING } from "./protocol/publishing.ts";
import { SCHEDULED } from "./protocol/scheduled.ts";
import { EVENTS } from "./protocol/events.ts";
import { REPORTS } from "./protocol/reports.ts";
import { RPC } from "./protocol/rpc.ts";
import { ERASURES } from "./protocol/erasures.ts";
import { REVOCATIONS } from "./protocol/revocations.ts";
import { TARGETS } from "./protocol/targets.ts";
import { TOKENS } from "./protocol/tokens.ts";
import { MESSAGE_SERVICES } from "./protocol/message_services.ts";
import { BROWSER_FRAMES } from "./protocol/browser_frames.ts";
import { CONNECTING } from "./protocol/connecting.ts";
import { EVENT_STREAMS } from "./protocol/event_streams.ts";
import { SERVER_FRAMES } from "./protocol/server_frames.ts";
import { INBOXES } from "./protocol/inboxes.ts";
import { MARK_ENTRIES } from "./protocol/mark_entries.ts";
import { MARKS } from "./protocol/marks.ts";
import { OPERATIONS } from "./protocol/operations.ts";
import { PRESENCE } from "./protocol/presence.ts";
import { POSITIONS } from "./protocol/positions.ts";
import { PUSH_SUBSCRIPTIONS } from "./protocol/push_subscriptions.ts";
import { PUSHES } from "./protocol/pushes.ts";
import { TRACE_CONTEXT } from "./protocol/trace_context.ts";
import { WEBHOOK } from "./protocol/webhook.ts";
import { CLOSING } from "./websocket/closing.ts";
import { CONTROL_FRAMES } from "./websocket/control_frames.ts";
import { FRAGMENTATION } from "./websocket/fragmentation.ts";
import { FRAMING } from "./websocket/framing.ts";
import { HANDSHAKE } from "./websocket/handshake.ts";
import { UTF8 } from "./websocket/utf8.ts";
import { PROBLEM_DETAILS } from "./standards/problem_details.ts";
import { SERVER_SENT_EVENTS } from "./standards/server_sent_events.ts";
import { STANDARD_WEBHOOKS } from "./standards/standard_webhooks.ts";

export const CASES: readonly Case[] = [
  ...ERRORS,
  ...PUBLISHERS_ACCESS,
  ...CLIENTS_ACCESS,
  ...PAGES_ACCESS,
  ...PUBLISHING,
  ...PUBLISH_ANSWERS,
  ...PUBLISH_SOCKET,
  ...SCHEDULED,
  ...LINES,
  ...RPC,
  ...EVENTS,
  ...MESSAGE_SERVICES,
  ...REPORTS,
  ...TARGETS,
  ...ERASURES,
  ...TOKENS,
  ...REVOCATIONS,
  ...CONNECTING,
  ...SERVER_FRAMES,
  ...BROWSER_FRAMES,
  ...EVENT_STREAMS,
  ...MARKS,
  ...MARK_ENTRIES,
  ...INBOXES,
  ...POSITIONS,
  ...TRACE_CONTEXT,
  ...WEBHOOK,
  ...PRESENCE,
  ...PUSHES,
  ...PUSH_SUBSCRIPTIONS,
  ...OPERATIONS,
  ...HANDSHAKE,
  ...FRAMING,
  ...FRAGMENTATION,
  ...CONTROL_FRAMES,
  ...UTF8,
  ...CLOSING,
  ...PROBLEM_DETAILS,
  ...SERVER_SENT_EVENTS,
  ...STANDARD_WEBHOOKS,
];

/**
 * Returns the cases of these rules: `N9` is one rule, `N` a group, `RFC6455` a standard, and `RFC6455-5` a section of
 * it with those below. No names mean all cases.
 */
export function casesOf(names: readonly string[]): readonly Case[] {
  return names.length === 0 ? CASES : CASES.filter(({ rule }) => names.some((name) => isOf(rule, name)));
}

function isOf(rule: string, name: string): boolean {
  if (!rule.startsWith(name)) return false;
  const rest = rule.slice(name.length);
  return rest === "" || /^[-.]/.test(rest) || (/^[A-Z]{1,2}$/.test(name) && /^\d+$/.test(rest));
}
