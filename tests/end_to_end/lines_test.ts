/** NDJSON on /v1/notify, by the programs that send it: fetch, curl and Python. */

import { assertEquals } from "@std/assert";
import { eventually } from "../eventually.ts";
import { findProgram } from "../find_program.ts";
import { LineClient } from "../http/line_client.ts";
import { Tab } from "./tab.ts";
import { TestService } from "./test_service.ts";

const NDJSON = { "content-type": "application/x-ndjson" };
const CURL = findProgram("curl", { variable: "CURL", defaultPath: "/usr/bin/curl" });
const PYTHON = findProgram("python3", { variable: "PYTHON", defaultPath: "/usr/bin/python3" });

function lines(count: number): string {
  return Array.from({ length: count }, (_, n) => `{"target":"alexander","data":${n}}\n`).join("");
}

/** Resolves with the answers that the program prints, given these lines on its standard input. */
async function answersOf(path: string, args: readonly string[], input: string): Promise<{ id: string }[]> {
  const command = new Deno.Command(path, {
    args: [...args],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  });
  const child = command.spawn(), writer = child.stdin.getWriter();
  const writing = writer.write(new TextEncoder().encode(input)).then(() => writer.close());
  const { success, stdout, stderr } = await child.output();
  await writing;
  assertEquals(success, true, new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout).trimEnd().split("\n").map((line) => JSON.parse(line));
}

Deno.test("The service delivers the lines of a stream in order, and a tab receives each before the next is sent", async () => {
  await using service = await TestService.start();
  const { tab } = await Tab.open(service.port, { target: "alexander" });
  const { readable, writable } = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>();
  const writer = writable.getWriter(), encoder = new TextEncoder();
  const responding = fetch(`${service.url}/v1/notify`, { method: "POST", headers: NDJSON, body: readable });
  for (const n of [1, 2, 3]) {
    await writer.write(encoder.encode(`{"target":"alexander","data":${n}}\n`));
    assertEquals(await tab.data(1), [n]);
  }
  await writer.write(
    encoder.encode('{"everyone":true,"data":4,"ttl":0}\n{"targets":["alexander","burr"],"data":5}'),
  );
  await writer.close();
  const text = await (await responding).text();
  assertEquals(await tab.data(2), [4, 5]);
  const answers = text.trimEnd().split("\n").map((line) => JSON.parse(line));
  assertEquals(answers.map((answer) => "position" in answer), [true, true, true, true, false]);
  assertEquals(answers[4].notifications.map(({ target }: { target: string }) => target), [
    "alexander",
    "burr",
  ]);
});

Deno.test("The service recognizes the lines of a file that is sent again with its Idempotency-Key", async () => {
  await using service = await TestService.start();
  const { tab } = await Tab.open(service.port, { target: "alexander" });
  const headers = { ...NDJSON, "idempotency-key": '"file-1"' };
  const send = async (body: string) => {
    const response = await fetch(`${service.url}/v1/notify`, { method: "POST", headers, body });
    return (await response.text()).split("\n");
  };
  const first = await send(lines(3));
  assertEquals((await send(lines(5))).slice(0, 3), first.slice(0, 3));
  assertEquals(await tab.data(5), [0, 1, 2, 3, 4]);
  assertEquals(tab.pending.length, 0);
});

Deno.test("The service sends later what a line schedules, and refuses what is too far ahead", async () => {
  await using service = await TestService.start();
  const at = (text: string) => `{"target":"alexander","data":1,"id":"${text}","at":"${text}"}\n`;
  const body = at("2020-01-01T00:00:00Z") + at("2120-01-01T00:00:00Z") + lines(1);
  const response = await fetch(`${service.url}/v1/notify`, { method: "POST", headers: NDJSON, body });
  const answers = (await response.text()).trimEnd().split("\n").map((line) => JSON.parse(line));
  assertEquals(answers.map(({ status, position }) => status ?? typeof position), ["object", 422, "string"]);
});

CURL.test("The service answers each line of a file that curl uploads, whatever its length", async () => {
  await using service = await TestService.start();
  const { tab } = await Tab.open(service.port, { target: "alexander" });
  const text = "x".repeat(200), count = 10_000;
  const file = lines(count).replaceAll(/:(\d+)\}/g, `:[$1,"${text}"]}`); // 2.4 MB
  const args = ["-sS", "-X", "POST", "-H", "Content-Type: application/x-ndjson", "-T", "-"];
  const answers = await answersOf(CURL.path, [...args, `${service.url}/v1/notify`], file);
  assertEquals(new Set(answers.map(({ id }) => id)).size, count);
  const delivered = await tab.data(count);
  assertEquals(delivered.every((data, index) => Array.isArray(data) && data[0] === index), true);
});

const PROGRAM = `
import http.client, sys
connection = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]))
headers = {"Content-Type": "application/x-ndjson", "Idempotency-Key": '"python"'}
connection.request("POST", "/v1/notify", body=sys.stdin.buffer, headers=headers, encode_chunked=True)
sys.stdout.write(connection.getresponse().read().decode())
`;

PYTHON.test("The service answers each line that Python sends, which reads the answers only at the end", async () => {
  await using service = await TestService.start();
  const answers = await answersOf(PYTHON.path, ["-c", PROGRAM, `${service.port}`], lines(1_000));
  assertEquals(answers.map(({ id }) => id), Array.from({ length: 1_000 }, (_, n) => `python.${n}`));
});

Deno.test("The service has room for 1,024 of 10,000 streams, answers the others with 503, and goes on", async () => {
  await using service = await TestService.start();
  const opened: LineClient[] = [], heads = new Set<string | undefined>();
  await Promise.all(Array.from({ length: 50 }, async () => {
    for (let n = 0; n < 200; n++) {
      await LineClient.open(service.port).then(
        (client) => opened.push(client),
        ({ message }) => heads.add(message.split("\r\n")[0]),
      );
    }
  }));
  assertEquals([opened.length, [...heads]], [1_024, ["HTTP/1.1 503 Service Unavailable"]]);
  await service.notify({ target: "alexander", data: 1 });
  const [first, ...others] = opened;
  await first?.send('{"target":"alexander","data":1}');
  await first?.finish();
  assertEquals((await first?.rest())?.map(({ status }) => status), [undefined]);
  for (const client of others) client[Symbol.dispose]();
  await eventually(async () => {
    using another = await LineClient.open(service.port).catch(() => null);
    return another !== null;
  }, "the streams that were cut are no longer counted");
  first?.[Symbol.dispose]();
});

Deno.test("The service ends its streams when it stops, with an answer to each line that it has kept", async () => {
  const service = await TestService.start();
  const { readable, writable } = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>();
  const writer = writable.getWriter();
  const responding = fetch(`${service.url}/v1/notify`, { method: "POST", headers: NDJSON, body: readable });
  await writer.write(new TextEncoder().encode(lines(10)));
  const reader = (await responding).body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = (await reader?.read())?.value ?? "";
  const stopping = service.stop();
  for (let part = await reader?.read(); part?.value !== undefined; part = await reader?.read()) {
    text += part.value;
  }
  assertEquals(text.trimEnd().split("\n").length, 10);
  await writer.close().catch(() => {}); // the service has closed the connection
  await stopping;
});
