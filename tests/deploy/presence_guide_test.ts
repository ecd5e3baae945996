/** The guide to presence: its receiver runs as it is, and understands what the service tells. */

import { assertEquals } from "@std/assert";
import { eventually } from "../eventually.ts";
import { Tab } from "../end_to_end/tab.ts";
import { TestService } from "../end_to_end/test_service.ts";

const ROOT = new URL("../../", import.meta.url);
const guide = await Deno.readTextFile(new URL("deploy/PRESENCE.md", ROOT));
const SECRET = `whsec_${"A".repeat(32)}`;
const LIMITS = { lingerMs: 20, heartbeatMs: 20 };

function freePort(): number {
  using listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  return listener.addr.port;
}

/** Collects what a program prints. */
async function collect(stream: ReadableStream<Uint8Array<ArrayBuffer>>, lines: string[]): Promise<void> {
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    lines.push(...text.split("\n").filter((line) => line !== ""));
  }
}

Deno.test("The receiver of the guide to presence knows who is online", async () => {
  const [, program = ""] = /^```js\n([^]*?)```/m.exec(guide) ?? [];
  const file = await Deno.makeTempFile({ suffix: ".mjs" }), PORT = `${freePort()}`;
  await Deno.writeTextFile(file, program);
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", "--allow-net", "--allow-env", "--config", "deno.json", file],
    cwd: ROOT,
    env: { PORT, TIDINGS_PRESENCE_WEBHOOK_SECRET: SECRET, NO_COLOR: "1" },
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const lines: string[] = [], collecting = collect(child.stdout, lines);
  {
    await using service = await TestService.start({
      TIDINGS_PRESENCE_WEBHOOK_URL: `http://127.0.0.1:${PORT}/presence`,
      TIDINGS_PRESENCE_WEBHOOK_SECRET: SECRET,
    }, { limits: LIMITS });
    const { tab } = await Tab.open(service.port, { target: "alexander" });
    await eventually(() => lines.length === 1, "the receiver was told");
    tab.close();
    await tab.closed;
    await eventually(() => lines.length === 2, "the receiver was told again");
  }
  assertEquals(lines, ["target.online alexander 1", "target.offline alexander 0"]);
  const forged = await fetch(`http://127.0.0.1:${PORT}/`, { method: "POST", body: "{}" });
  assertEquals([forged.status, await forged.text()], [401, ""]);
  child.kill("SIGKILL");
  await child.status;
  await collecting;
  await Deno.remove(file);
});
