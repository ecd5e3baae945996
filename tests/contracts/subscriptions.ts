/** The contract of all stores of push subscriptions, as tests. The test file of each adapter runs them. */

import { assert, assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import * as fc from "fast-check";
import { UnavailableError } from "../../src/journal/journal.ts";
import type {
  NewSubscription,
  Subscription,
  Subscriptions,
  SubscriptionsOptions,
} from "../../src/push/subscriptions.ts";
import { eventually } from "../eventually.ts";
import { SubscriptionsModel } from "./subscriptions_model.ts";

/** Subscriptions with everything that they need. Disposing of it closes them, which may be closed already. */
export interface TestSubscriptions extends AsyncDisposable {
  readonly subscriptions: Subscriptions;
}

/** Creates a store without subscriptions. */
export type CreateSubscriptions = (options: SubscriptionsOptions) => Promise<TestSubscriptions>;

const MAX_BYTES = 4 * 1024 * 1024;
const ORIGIN = "https://example.com";

export function endpointOf(name: string): string {
  return `https://push.example/send/${name}`;
}

/** A subscription of the browser with this name. */
export function browser(name: string, target: string, more: Partial<NewSubscription> = {}): NewSubscription {
  const keys = { endpoint: endpointOf(name), p256dh: `p of ${name}`, auth: `a of ${name}` };
  return { ...keys, target, origin: ORIGIN, ...more };
}

/** The names of a target's browsers, the oldest first. */
export async function browsersOf(
  subscriptions: Pick<Subscriptions, "of">,
  target: string,
): Promise<string[]> {
  return (await subscriptions.of(target)).map(({ endpoint }) => endpoint.slice(endpointOf("").length));
}

/** Adds subscriptions, one after the other, and resolves with the ids. */
async function addAll(
  subscriptions: Subscriptions,
  target: string,
  names: readonly string[],
): Promise<string[]> {
  const ids: string[] = [];
  for (const name of names) ids.push(await subscriptions.add(browser(name, target)));
  return ids;
}

function names(count: number): string[] {
  return Array.from({ length: count }, (_, n) => `b${n}`);
}

/** Registers the tests of one adapter. `register` may skip them where a program that they need is missing. */
export function subscriptionsContract(
  name: string,
  create: CreateSubscriptions,
  register: (name: string, test: () => Promise<void>) => void = Deno.test,
): void {
  function test(
    behaviour: string,
    run: (subscriptions: Subscriptions) => Promise<void>,
    { maxBytes = MAX_BYTES }: Partial<SubscriptionsOptions> = {},
  ): void {
    register(`${name} ${behaviour}`, async () => {
      await using created = await create({ maxBytes });
      await run(created.subscriptions);
    });
  }

  test("returns what was added for a target, and nothing for others", async (subscriptions) => {
    assertEquals(await subscriptions.of("alexander"), []);
    const target = "Ålexander *.> \u{1F600} burr";
    const phone = browser("phone", target, { origin: null }), laptop = browser("laptop", target);
    const id = await subscriptions.add(phone), other = await subscriptions.add(laptop);
    assertEquals(await subscriptions.of(target), [{ ...phone, id }, { ...laptop, id: other }]);
    assertEquals(await subscriptions.of("alexander"), []);
    assertNotEquals(id, other);
  });

  test("gives an endpoint one id, which does not reveal it", async (subscriptions) => {
    const [id = ""] = await addAll(subscriptions, "alexander", ["phone"]);
    assert(/^[\w-]{20,64}$/.test(id), id);
    assert(!endpointOf("phone").includes(id));
    const keys = { p256dh: "other", auth: "other" };
    assertEquals(await subscriptions.add(browser("phone", "alexander", keys)), id);
    assertEquals(await subscriptions.of("alexander"), [{ ...browser("phone", "alexander", keys), id }]);
  });

  test("moves an endpoint to the target that adds it", async (subscriptions) => {
    const [id = ""] = await addAll(subscriptions, "alexander", ["shared", "own"]);
    const moved = browser("shared", "eliza", { auth: "new", origin: null });
    assertEquals(await subscriptions.add(moved), id);
    assertEquals(await browsersOf(subscriptions, "alexander"), ["own"]);
    assertEquals(await subscriptions.of("eliza"), [{ ...moved, id }]);
    assertEquals(await subscriptions.remove(id, "alexander"), false);
    assertEquals(await subscriptions.remove(id, "eliza"), true);
  });

  test("makes what is added again the newest", async (subscriptions) => {
    await addAll(subscriptions, "alexander", ["a", "b", "c", "a"]);
    assertEquals(await browsersOf(subscriptions, "alexander"), ["b", "c", "a"]);
    await addAll(subscriptions, "alexander", ["a"]);
    assertEquals(await browsersOf(subscriptions, "alexander"), ["b", "c", "a"]);
  });

  test("keeps ten of a target, and drops the oldest", async (subscriptions) => {
    const [first = "", second = ""] = await addAll(subscriptions, "alexander", names(12));
    assertEquals(await browsersOf(subscriptions, "alexander"), names(12).slice(2));
    assertEquals(await subscriptions.remove(second, "alexander"), false);
    const dropped = { endpoint: endpointOf("b0"), auth: "a of b0" };
    assertEquals(await subscriptions.renew(dropped, browser("new", "")), null);
    assertEquals(await subscriptions.add(browser("b0", "eliza")), first);
    assertEquals((await subscriptions.of("alexander")).length, 10);
  });

  test("does not count what has moved away or was removed", async (subscriptions) => {
    const ids = await addAll(subscriptions, "alexander", names(10));
    await addAll(subscriptions, "eliza", ["b8", "b9"]);
    assertEquals(await subscriptions.remove(ids[7] ?? "", "alexander"), true);
    await addAll(subscriptions, "alexander", ["x", "y", "z"]);
    assertEquals(await browsersOf(subscriptions, "alexander"), [...names(7), "x", "y", "z"]);
  });

  test("removes only what is the target's", async (subscriptions) => {
    const [id = ""] = await addAll(subscriptions, "alexander", ["phone", "laptop"]);
    assertEquals(await subscriptions.remove(id, "burr"), false);
    assertEquals(await subscriptions.remove("unknown", "alexander"), false);
    assertEquals(await subscriptions.remove(id, "alexander"), true);
    assertEquals(await subscriptions.remove(id, "alexander"), false);
    assertEquals(await browsersOf(subscriptions, "alexander"), ["laptop"]);
    await addAll(subscriptions, "alexander", ["phone"]);
    assertEquals(await browsersOf(subscriptions, "alexander"), ["laptop", "phone"]);
  });

  test("renews a subscription for whoever knows its endpoint and secret", async (subscriptions) => {
    const [id = ""] = await addAll(subscriptions, "alexander", ["old", "other"]);
    const old = { endpoint: endpointOf("old"), auth: "a of old" };
    const { target: _, origin, ...next } = browser("next", "");
    assertEquals(await subscriptions.renew({ ...old, auth: "guess" }, next), null);
    assertEquals(await subscriptions.renew({ ...old, endpoint: endpointOf("guess") }, next), null);
    const nextId = await subscriptions.renew(old, next);
    assertNotEquals(nextId, id);
    const [, renewed] = await subscriptions.of("alexander");
    assertEquals(renewed, { ...next, origin, target: "alexander", id: nextId ?? "" });
    assertEquals(await browsersOf(subscriptions, "alexander"), ["other", "next"]);
    assertEquals(await subscriptions.remove(id, "alexander"), false);
    assertEquals(await subscriptions.renew(old, next), nextId, "a repeat");
    assertEquals(await subscriptions.renew(old, { ...next, auth: "guess" }), null);
  });

  test("renews the keys of an endpoint that stays", async (subscriptions) => {
    const [id = ""] = await addAll(subscriptions, "alexander", ["phone", "laptop"]);
    const { endpoint, auth } = browser("phone", "");
    const next = { endpoint, p256dh: "new p", auth: "new a" };
    assertEquals(await subscriptions.renew({ endpoint, auth }, next), id);
    assertEquals((await subscriptions.of("alexander")).at(-1), {
      ...browser("phone", "alexander"),
      ...next,
      id,
    });
    assertEquals((await subscriptions.of("alexander")).length, 2);
  });

  test("renews one of ten without dropping another", async (subscriptions) => {
    await addAll(subscriptions, "alexander", names(10));
    assert(await subscriptions.renew(browser("b5", ""), browser("new", "")) !== null);
    const rest = names(10).filter((name) => name !== "b5");
    assertEquals(await browsersOf(subscriptions, "alexander"), [...rest, "new"]);
  });

  test("leaves an endpoint to the target that has it, when another target's is renewed to it", async (subscriptions) => {
    await addAll(subscriptions, "alexander", ["old", "own"]);
    const [id] = await addAll(subscriptions, "eliza", ["new"]);
    const next = { ...browser("new", ""), auth: "other" };
    assertEquals(await subscriptions.renew(browser("old", ""), next), id ?? "");
    assertEquals(await browsersOf(subscriptions, "alexander"), ["own"]);
    assertEquals(await subscriptions.of("eliza"), [{ ...browser("new", "eliza"), id: id ?? "" }]);
  });

  test("joins two endpoints of a target when one is renewed to the other", async (subscriptions) => {
    await addAll(subscriptions, "alexander", ["old", "new", "other"]);
    const next = { ...browser("new", ""), p256dh: "fresh" };
    await subscriptions.renew(browser("old", ""), next);
    assertEquals(await browsersOf(subscriptions, "alexander"), ["other", "new"]);
    assertEquals((await subscriptions.of("alexander"))[1]?.p256dh, "fresh");
  });

  test("forgets what is gone, unless it has changed since", async (subscriptions) => {
    await addAll(subscriptions, "alexander", ["moved", "renewed", "gone", "stays"]);
    const read = await subscriptions.of("alexander");
    await addAll(subscriptions, "eliza", ["moved"]);
    await subscriptions.add(browser("renewed", "alexander", { auth: "new" }));
    for (const subscription of read.slice(0, 3)) await subscriptions.forget(subscription);
    for (const subscription of read.slice(2, 3)) await subscriptions.forget(subscription);
    assertEquals(await browsersOf(subscriptions, "alexander"), ["stays", "renewed"]);
    assertEquals(await browsersOf(subscriptions, "eliza"), ["moved"]);
  });

  test("refuses what has no room, until something is removed", async (subscriptions) => {
    const ids: string[] = [];
    const error = await assertRejects(async () => {
      for (let n = 0; n < 1_000; n++) ids.push(await subscriptions.add(browser(`${n}`, `target ${n}`)));
    }, UnavailableError);
    assert(error.message.includes("no room"), error.message);
    assert(ids.length > 10 && ids.length < 200, `${ids.length}`);
    const count = ids.length;
    assertEquals(await browsersOf(subscriptions, `target ${count}`), []);
    assertEquals(await browsersOf(subscriptions, `target ${count - 1}`), [`${count - 1}`]);
    for (let n = 0; n < 5; n++) assertEquals(await subscriptions.remove(ids[n] ?? "", `target ${n}`), true);
    await eventually(() => subscriptions.add(browser("late", "late")).then(() => true, () => false));
    assertEquals(await browsersOf(subscriptions, "late"), ["late"]);
  }, { maxBytes: 40_000 });

  test("keeps an endpoint for one of the targets that add it at once", async (subscriptions) => {
    const targets = ["alexander", "eliza", "burr"];
    for (let round = 0; round < 10; round++) {
      await Promise.all(targets.map((target) => subscriptions.add(browser("shared", target))));
      const owners = await Promise.all(targets.map((target) => browsersOf(subscriptions, target)));
      assertEquals(owners.flat(), ["shared"]);
    }
  });

  test("keeps all that are added for a target at once, up to ten", async (subscriptions) => {
    await Promise.all(names(8).map((name) => subscriptions.add(browser(name, "alexander"))));
    assertEquals((await browsersOf(subscriptions, "alexander")).toSorted(), names(8));
    await Promise.all(names(30).map((name) => subscriptions.add(browser(name, "alexander"))));
    assertEquals((await subscriptions.of("alexander")).length, 10);
  });

  test("removes a subscription for one of several that remove it at once", async (subscriptions) => {
    const [id = ""] = await addAll(subscriptions, "alexander", ["phone"]);
    const removed = await Promise.all([1, 2, 3].map(() => subscriptions.remove(id, "alexander")));
    assertEquals(removed.toSorted(), [false, false, true]);
  });

  test("is unavailable when it is closed", async (subscriptions) => {
    const [id = ""] = await addAll(subscriptions, "alexander", ["phone"]);
    const [phone] = await subscriptions.of("alexander");
    await subscriptions.close();
    await assertRejects(() => subscriptions.of("alexander"), UnavailableError);
    await assertRejects(() => addAll(subscriptions, "alexander", ["laptop"]), UnavailableError);
    await assertRejects(() => subscriptions.remove(id, "alexander"), UnavailableError);
    await assertRejects(
      () => subscriptions.renew(browser("phone", ""), browser("new", "")),
      UnavailableError,
    );
    await assertRejects(() => subscriptions.forget(phone ?? { ...browser("", ""), id }), UnavailableError);
  });

  test("behaves like the model, whatever is done in whatever order", async (subscriptions) => {
    const steps = fc.array(STEP, { maxLength: 60, size: "max" });
    let run = 0;
    await fc.assert(
      fc.asyncProperty(steps, async (steps) => {
        const model = new SubscriptionsModel(), prefix = `${++run}.`;
        let read: readonly Subscription[] = [];
        for (const { type, name, other, target, auth } of steps) {
          const one = browser(prefix + name, prefix + target, { auth });
          const next = browser(prefix + other, "", { auth: `${auth}'` });
          const id = model.idOf(one.endpoint);
          if (type === "add") model.learn(one.endpoint, await subscriptions.add(one)).add(one);
          else if (type === "remove") {
            assertEquals(await subscriptions.remove(id, one.target), model.remove(one.endpoint, one.target));
          } else if (type === "renew") {
            const renewed = await subscriptions.renew(one, next);
            if (renewed !== null) model.learn(next.endpoint, renewed);
            assertEquals(renewed !== null, model.renew(one, next));
          } else if (type === "read") read = await subscriptions.of(one.target);
          else for (const gone of read) await subscriptions.forget(gone).then(() => model.forget(gone));
          for (const target of TARGETS) {
            assertEquals(await subscriptions.of(prefix + target), model.of(prefix + target));
          }
        }
      }),
      { numRuns: 50 },
    );
  });

  test("removes all subscriptions of a target, and no other", async (subscriptions) => {
    await addAll(subscriptions, "alexander", ["a", "b", "c"]);
    await addAll(subscriptions, "eliza", ["d"]);
    const [moved = ""] = await addAll(subscriptions, "burr", ["a"]);
    for (let times = 0; times < 2; times++) await subscriptions.removeAll("alexander");
    assertEquals(await browsersOf(subscriptions, "alexander"), []);
    assertEquals(await browsersOf(subscriptions, "eliza"), ["d"]);
    assertEquals(await subscriptions.remove(moved, "burr"), true);
    assertEquals(await subscriptions.renew(browser("b", ""), browser("new", "")), null);
    await addAll(subscriptions, "alexander", ["b"]);
    assertEquals(await browsersOf(subscriptions, "alexander"), ["b"]);
  });
}

const TARGETS = ["alexander", "eliza"];
const NAME = fc.nat(13).map(String);
const STEP = fc.record({
  type: fc.oneof(
    { weight: 6, arbitrary: fc.constant("add" as const) },
    { weight: 3, arbitrary: fc.constantFrom("remove" as const, "renew" as const) },
    { weight: 2, arbitrary: fc.constantFrom("read" as const, "forget" as const) },
  ),
  name: NAME,
  other: NAME,
  target: fc.oneof({ weight: 4, arbitrary: fc.constant("alexander") }, {
    weight: 1,
    arbitrary: fc.constant("eliza"),
  }),
  auth: fc.constantFrom("a", "a'"),
});
