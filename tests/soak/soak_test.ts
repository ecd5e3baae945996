/** The short form of the soak, with a seed that is always the same: a minute, and everything that it checks. */

import { assert, assertEquals } from "@std/assert";
import { planOf } from "./plan.ts";
import { soak } from "./soak.ts";
import { judgeSoak } from "./verdict.ts";
import { explain } from "./report/explain.ts";

Deno.test({
  name:
    "A node returns to where it was after a wave of everything that clients do, and the tabs that resume lose nothing",
  ignore: Deno.build.os !== "linux", // other systems have no /proc
  async fn() {
    const result = await soak({
      ...{ plan: planOf(1), journal: "memory", seed: 1804, rate: 100, tabs: 8, onProgress() {} },
    });
    const verdict = judgeSoak(result);
    assertEquals([...verdict.faults, ...explain(verdict, result.snapshot)], []);
    for (const { name, counts: { accepted, delivered }, done } of result.waves) {
      assert(accepted > 50 && delivered > 200 && done.size > 20, `${name}: there was no load`);
    }
  },
});
