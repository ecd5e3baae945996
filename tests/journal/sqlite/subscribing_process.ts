/** A process that adds and removes push subscriptions until it is killed, and prints what is confirmed. */

import { SqliteJournal } from "../../../src/journal/sqlite/sqlite_journal.ts";
import { StoredSubscriptions } from "../../../src/push/stored_subscriptions.ts";
import { browser } from "../../contracts/subscriptions.ts";
import { RETENTION } from "./test_file.ts";

const [path = "", synchronous, run] = Deno.args;
const AT_ONCE = 8;

const journal = await SqliteJournal.open(path, { offer: () => true, gap: () => {} }, {
  retention: RETENTION,
  synchronous: synchronous === "full" ? "full" : "normal",
  onFailure: (error) => Promise.reject(error),
});
const subscriptions = await StoredSubscriptions.open(journal.subscriptionRows, {
  maxBytes: 16 * 1024 * 1024,
});

/** Each target has one browser of the same name. Every tenth is removed again. */
async function subscribe(first: number): Promise<never> {
  for (let n = first;; n += AT_ONCE) {
    const target = `${run}.${n}`;
    const id = await subscriptions.add(browser(target, target));
    print(`added ${target}`);
    if (!target.endsWith("0")) continue;
    await subscriptions.remove(id, target);
    print(`removed ${target}`);
  }
}

function print(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
}

await Promise.all(Array.from({ length: AT_ONCE }, (_, n) => subscribe(n)));
