/** The entry point: reads the environment, starts the service, and runs it until a signal stops it. */

import { ConfigError, configFrom, VARIABLES } from "./src/config/config.ts";
import { runUntilStopped, surviveFileSizeLimit } from "./src/service/lifecycle.ts";
import { startLog } from "./src/service/log.ts";
import { serve } from "./src/service/service.ts";

try {
  const config = configFrom(Object.fromEntries(VARIABLES.map((name) => [name, Deno.env.get(name)])));
  await startLog(config);
  surviveFileSizeLimit();
  await runUntilStopped(await serve(config), config);
} catch (error) {
  if (!(error instanceof ConfigError)) throw error;
  console.error(`Tidings cannot start.\n${error.message}`);
  Deno.exit(2);
}
