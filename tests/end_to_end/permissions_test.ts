/** The service runs with the permissions of `deno task start`, which are no more than it needs. */

import { assert, assertEquals } from "@std/assert";
import project from "../../deno.json" with { type: "json" };
import { ServiceProcess } from "./service_process.ts";

Deno.test("The service keeps its journal with permission for its data and for the code of the journal alone", async () => {
  const { start, dev } = project.tasks;
  for (const { command } of [start, dev]) {
    assert(command.includes("--allow-read=data,/run/secrets,src --allow-write=data "), command);
  }
  const folder = await Deno.makeTempDir();
  const environment = { TIDINGS_JOURNAL: `sqlite:${folder}/j.db` };
  for (const [run, workers] of ["1", "2", "auto"].entries()) {
    await using service = await ServiceProcess.start({ ...environment, TIDINGS_WORKERS: workers }, {
      folder,
    });
    await service.notify({ target: "alexander", data: run });
    const response = await fetch(`${service.url}/v1/targets/alexander/notifications`);
    const { notifications } = await response.json();
    assertEquals(notifications.map(({ data }: { data: unknown }) => data), [0, 1, 2].slice(0, run + 1));
    service.signal("SIGTERM");
    assertEquals(await service.exited(), 0);
  }
  await Deno.remove(folder, { recursive: true });
});
