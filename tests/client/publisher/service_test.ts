/** publisher on the real service: what it publishes arrives, whatever happens to the service. */

import { assert, assertEquals } from "@std/assert";
import { publisher } from "../../../src/client/publisher/publisher.ts";
import { ServiceProcess } from "../../end_to_end/service_process.ts";
import { Tab } from "../../end_to_end/tab.ts";
import { TestService } from "../../end_to_end/test_service.ts";
import { errorFrom, to, upTo, withoutBackoff } from "./calls.ts";

const KEY = "a-key/+=?~;:@&$!*()[]{}|<>";

Deno.test("publisher publishes to one, to several and to everyone, now and later, with a key of any visible characters", async () => {
  await using service = await TestService.start({
    TIDINGS_PUBLISHER_KEYS: KEY,
    TIDINGS_TOKEN_SECRET: "a secret of 32 bytes, or of more",
  });
  await using tidings = publisher(`${service.url}/`, { key: KEY });
  const one = await tidings.notify(to({ title: "Hello" }, { id: "one" }));
  assertEquals([one.id, typeof one.position, Date.parse(one.expires) > Date.now()], ["one", "string", true]);
  assertEquals(await tidings.notify(to({ title: "Hello" }, { id: "one" })), one);
  const several = await tidings.notify({ targets: ["burr", "jefferson"], data: 1 });
  assertEquals(several.notifications.map(({ target }) => target), ["burr", "jefferson"]);
  const many = await tidings.notify([to(1), { everyone: true, data: 2 }]);
  assertEquals(many.notifications.map(({ target }) => target), ["alexander", null]);
  const later = await tidings.notify({ target: "burr", data: 1, at: new Date(Date.now() + 60_000) });
  assertEquals(later.position, null);
  const conflict = await errorFrom(tidings.notify(to("other", { id: "one" })));
  assertEquals([conflict.status, conflict.type, conflict.errors[0]?.path], [
    422,
    "urn:tidings:problem:id-conflict",
    "id",
  ]);
  const wrong = publisher(service.url, { key: "another key" });
  assertEquals((await errorFrom(wrong.notify(to(1)))).status, 401);
});

Deno.test("publisher publishes 5,000 calls at once in order, none of which is refused", async () => {
  await using service = await TestService.start({ TIDINGS_RETENTION_PER_TARGET: "100000" });
  await using tab = (await Tab.open(service.port, { target: "alexander" })).tab;
  await using tidings = publisher(service.url);
  const answers = await Promise.all(upTo(5_000).map((n) => tidings.notify(to(n))));
  const positions = answers.map(({ position }) => `${position}`);
  assertEquals(positions, positions.toSorted());
  assertEquals(await tab.data(5_000), upTo(5_000));
});

Deno.test("publisher goes on when the service restarts", async () => {
  using _ = withoutBackoff();
  const reasons: string[] = [];
  const service = await ServiceProcess.start();
  await using tidings = publisher(service.url, { retrying: (reason) => reasons.push(reason) });
  await tidings.notify(to(1));
  service.signal("SIGTERM");
  await service.exited();
  const call = tidings.notify(to(2));
  await using _again = await ServiceProcess.start({ PORT: `${service.port}` });
  assertEquals(typeof (await call).position, "string");
  assert(reasons[0]?.startsWith("1012"), reasons.join());
});
