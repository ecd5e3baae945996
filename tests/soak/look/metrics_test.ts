/** Tests how metrics and processes are read. */

import { assert, assertEquals } from "@std/assert";
import { parseMetrics, total } from "./gauges.ts";
import { lookAt } from "./process_look.ts";

Deno.test("parseMetrics reads values by name and labels, and total sums those of one name", () => {
  const metrics = parseMetrics(
    '# HELP a What it is.\n# TYPE a gauge\na{of="one"} 1\na{of="two"} 2.5\naa 7\nb 3\n',
  );
  assertEquals([metrics.get('a{of="two"}'), total(metrics, "a"), total(metrics, "b"), total(metrics, "c")], [
    ...[2.5, 3.5, 3, 0],
  ]);
});

Deno.test({
  name: "lookAt counts the open files of a process by kind",
  ignore: Deno.build.os !== "linux", // other systems have no /proc
  async fn() {
    const before = await lookAt(Deno.pid);
    const listener = Deno.listen({ port: 0 }), file = await Deno.open(new URL(import.meta.url));
    const during = await lookAt(Deno.pid);
    listener.close();
    file.close();
    const after = await lookAt(Deno.pid);
    assertEquals([during.sockets - before.sockets, during.otherFiles - before.otherFiles], [1, 1]);
    assertEquals([after.sockets, after.otherFiles], [before.sockets, before.otherFiles]);
    assert(before.residentBytes > 1_000_000 && before.threads > 0);
  },
});
