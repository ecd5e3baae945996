/** Runs cases, several at a time, and says of each what came of it. */

import { type Case, obstacleTo } from "./case.ts";
import { Violation } from "./client/expect.ts";
import { WebhookReceiver } from "./client/webhook_receiver.ts";
import type { Settings } from "./settings.ts";
import { type Receivers, TestedServer } from "./tested_server.ts";

export interface Result {
  readonly case: Case;
  readonly outcome: "passed" | "failed" | "skipped";
  /** Why it has failed or was skipped. */
  readonly detail: string | null;
  readonly ms: number;
}

const AT_ONCE = 8;

/**
 * Runs the cases, and yields each result when it is there. Those that run alone come first, and of the others those
 * that take long.
 */
export async function* run(cases: readonly Case[], settings: Settings): AsyncGenerator<Result> {
  await using webhook = settings.webhook && new WebhookReceiver(settings.webhook.url);
  await using presence = settings.presence && new WebhookReceiver(settings.presence.url);
  const context = { settings, receivers: { webhook, presence } };
  for (const one of cases.filter(({ isExclusive }) => isExclusive)) {
    yield await runOne(one, context);
  }
  const waiting = cases.filter(({ isExclusive }) => !isExclusive).toSorted((a, b) =>
    (b.seconds ?? 0) - (a.seconds ?? 0)
  );
  const running = new Map<Case, Promise<Result>>();
  // Cases that only wait leave their place to others.
  const places = () => AT_ONCE + [...running.keys()].filter(({ seconds }) => seconds !== undefined).length;
  while (waiting.length > 0 || running.size > 0) {
    while (running.size < places()) {
      const next = waiting.shift();
      if (next === undefined) break;
      running.set(next, runOne(next, context));
    }
    const result = await Promise.race(running.values());
    running.delete(result.case);
    yield result;
  }
}

async function runOne(
  one: Case,
  { settings, receivers }: { settings: Settings; receivers: Receivers },
): Promise<Result> {
  const start = performance.now();
  const result = (outcome: Result["outcome"], detail: string | null): Result => ({
    case: one,
    outcome,
    detail,
    ms: Math.round(performance.now() - start),
  });
  const obstacle = obstacleTo(one, settings);
  if (obstacle !== null) return result("skipped", obstacle);
  const server = new TestedServer(settings, receivers);
  const seconds = settings.deadlineSeconds + (one.seconds ?? 0);
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Violation(`no result after ${seconds} seconds`)), seconds * 1000);
  try {
    await Promise.race([one.run(server), late]);
    return result("passed", null);
  } catch (error) {
    return result("failed", error instanceof Violation ? error.message : String(error));
  } finally {
    clearTimeout(timer);
    await server[Symbol.asyncDispose]();
  }
}
