/** Rules TC: the trace context of publishers and browsers, which a server hands on. */

import type { Case } from "../case.ts";
import { equal } from "../client/expect.ts";
import { PushService } from "../client/push_service.ts";

const TRACE = {
  traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
  tracestate: "vendor=1",
};
const OTHER = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00";

/** The trace context of a message, or of header fields. */
function contextOf({ traceparent, tracestate }: Record<string, unknown>): unknown[] {
  return [traceparent, tracestate];
}

export const TRACE_CONTEXT: readonly Case[] = [
  {
    rule: "TC1",
    title:
      "A notification has the trace context of its fields, or of the headers, and no faulty one is an error",
    run: async (server) => {
      const target = server.name(), tab = await server.tab(target);
      const many = [{ target, data: 1 }, { target, data: 2, traceparent: OTHER }, {
        target,
        data: 3,
        traceparent: "none",
      }];
      await server.accept(many, TRACE);
      for (const data of [4, 5]) {
        await server.accept({ target, data }, {
          traceparent: data === 4 ? "00-0-0-0" : OTHER,
          tracestate: "=",
        });
      }
      const contexts = [];
      for (let count = 0; count < 5; count++) {
        contexts.push(contextOf({ ...await tab.nextOf("notification") }));
      }
      equal(contexts, {
        is: [
          ...[Object.values(TRACE), [OTHER, undefined], Object.values(TRACE)],
          ...[[undefined, undefined], [OTHER, undefined]],
        ],
        in: "the trace contexts",
      });
    },
  },
  {
    rule: "TC2",
    title: "A client receives the trace context unchanged, also when it resumes",
    run: async (server) => {
      const target = server.name(), first = await server.tab(target);
      await server.accept({ target, data: 1, ...TRACE });
      const again = await server.tab(target, { after: first.welcome.position });
      for (const tab of [first, again]) {
        equal(contextOf({ ...await tab.nextOf("notification") }), {
          is: Object.values(TRACE),
          in: "the trace context",
        });
      }
    },
  },
  {
    rule: "TC3",
    title: "The same notification in another trace is a repeat",
    run: async (server) => {
      const target = server.name(), id = server.name();
      const { position } = await server.accept({ target, id, data: 1 }, TRACE);
      const again = await server.accept({ target, id, data: 1, traceparent: OTHER });
      equal(again.position, { is: position, in: "`position`" });
    },
  },
  {
    rule: "TC4",
    title: "A message goes to the application in the trace that the client has put it into",
    needs: ["webhook"],
    run: async (server) => {
      const target = server.name(), next = server.application.listen(target), tab = await server.tab(target);
      await tab.send({ type: "message", data: 1, ...TRACE });
      const { headers } = await next();
      equal([headers.get("traceparent")?.slice(3, 35), headers.get("tracestate")], {
        is: [TRACE.traceparent.slice(3, 35), TRACE.tracestate],
        in: "the trace",
      });
    },
  },
  {
    rule: "TC5",
    title: "A push service does not learn of the trace",
    needs: ["push"],
    run: async (server) => {
      const service = server.use(new PushService()), target = server.name();
      const subscription = await service.subscription();
      const body = subscription, path = "/v1/push/subscriptions";
      (await server.client(target, path, { method: "POST", body })).is(201);
      await server.accept({ target, data: 1, push: { after: 0 } }, TRACE);
      for (const { headers } of await service.received(subscription)) {
        equal([headers.get("traceparent"), headers.get("tracestate")], {
          is: [null, null],
          in: "the headers",
        });
      }
    },
  },
];
