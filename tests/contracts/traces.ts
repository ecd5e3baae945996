/** What all journals keep of a trace, as tests. The contract of journals registers them. */

import { assertEquals } from "@std/assert";
import type { Draft, Retention } from "../../src/journal/journal.ts";
import { PLAIN_DRAFT } from "../journal/plain_draft.ts";
import { type CreateJournal, journalTests, type RegisterTest } from "./journal_tests.ts";

const TRACE = {
  traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
  tracestate: 'vendor=a"b',
};
const SPAN = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
const ALL = { entries: 10, bytes: 65_536 };

function draft(more: Partial<Draft>): Draft {
  return {
    ...PLAIN_DRAFT,
    id: crypto.randomUUID(),
    target: "alexander",
    data: '{"traceparent":"own"}',
    ...more,
  };
}

export function traceTests(
  name: string,
  { create, register, retention }: {
    readonly create: CreateJournal;
    readonly register: RegisterTest;
    readonly retention: Retention;
  },
): void {
  const test = journalTests(name, {
    create,
    register,
    retention,
    recorded: ({ text, span }) => ({ text, span }),
  });

  test("keeps the trace context of the publisher, and offers the span", {}, async ({ journal, offered }) => {
    await journal.follow("alexander");
    const { next: start } = await journal.read("alexander", null, ALL);
    const drafts = [
      draft({ trace: TRACE, span: SPAN }),
      draft({}),
      draft({ trace: TRACE }),
      draft({ span: SPAN }),
    ];
    await journal.append(drafts);
    const { entries } = await journal.read("alexander", start, ALL);
    const contexts = entries.map(({ text }) => {
      const { traceparent, tracestate } = JSON.parse(text);
      return traceparent === undefined ? {} : { traceparent, tracestate };
    });
    assertEquals(contexts, [TRACE, {}, TRACE, {}]);
    assertEquals(offered.map(({ text }) => text), entries.map(({ text }) => text));
    assertEquals(offered.map(({ span }) => span), [SPAN, undefined, undefined, SPAN]);
    assertEquals(entries.some(({ text }) => text.includes(SPAN)), false);
  });

  test("recognises a repeat that belongs to another trace", {}, async ({ journal }) => {
    const one = draft({ digest: "d", trace: TRACE, span: SPAN });
    const receipts = [
      ...await journal.append([one]),
      ...await journal.append([{ ...one, trace: { ...TRACE, tracestate: "b=1" } }]),
    ];
    assertEquals(receipts.map(({ outcome }) => outcome), ["kept", "repeated"]);
  });
}
