/** Rules J: NDJSON, a notification a line. */

import type { Case } from "../case.ts";
import type { Answer } from "../client/answer.ts";
import { checkProblem } from "../client/answer.ts";
import { equal, match } from "../client/expect.ts";
import { requestHead, takeAnswer, takeChunk, takeHead } from "../client/raw_http.ts";
import type { TestedServer } from "../tested_server.ts";
import { keptFor } from "./publishing.ts";

const NDJSON = { "content-type": "application/x-ndjson" };

async function postLines(
  server: TestedServer,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  return await server.notify(body, { ...NDJSON, ...headers });
}

/** A chunk of HTTP/1.1. */
function chunk(text: string): string {
  return `${new TextEncoder().encode(text).length.toString(16)}\r\n${text}\r\n`;
}

export const LINES: readonly Case[] = [
  {
    rule: "J1",
    title: "Lines end with LF or CRLF, and empty ones and a byte order mark are ignored",
    run: async (server) => {
      const target = server.name(), line = (data: number) => JSON.stringify({ target, data });
      const body = `\ufeff\n${line(1)}\r\n\r\n  \n${line(2)}\n[${line(3)}]\n${line(4)}`;
      const { lines } = (await postLines(server, body)).is(200);
      equal(lines.map(({ status }) => status ?? 202), { is: [202, 202, 422, 202], in: "the answers" });
      equal(await keptFor(server, target), { is: [1, 2, 4], in: "what is kept" });
    },
  },
  {
    rule: "J2",
    title: "Each line is answered in order while the request goes on",
    run: async (server) => {
      const target = server.name(), stream = await server.open();
      const headers = { ...server.publisherHeaders, ...NDJSON, "transfer-encoding": "chunked" };
      await stream.write(
        requestHead({ method: "POST", path: server.path("/v1/notify"), url: server.settings.url, headers }),
      );
      const { status, headers: answered } = await takeHead(stream);
      equal(status, { is: 200, in: "the status before the body" });
      match(answered.get("content-type"), { is: /^application\/x-ndjson/, in: "the Content-Type" });
      for (const id of ["a", "b"].map((letter) => `${target}-${letter}`)) {
        await stream.write(chunk(`${JSON.stringify({ target, data: 1, id })}\n`));
        const answer = JSON.parse(new TextDecoder().decode(await takeChunk(stream)));
        equal(answer.id, { is: id, in: "the answer before the next line" });
      }
    },
  },
  {
    rule: "J3",
    title: "What is refused before the stream begins is answered as for any request",
    run: async (server) => {
      const body = JSON.stringify({ target: server.name(), data: 1 });
      (await postLines(server, body, { "content-encoding": "gzip" })).isProblem(415, "unsupported-encoding");
      (await postLines(server, body, { "idempotency-key": '""' })).isProblem(400, "bad-request");
      if (server.settings.key === null) return;
      (await postLines(server, body, { authorization: "Bearer wrong" })).isProblem(401, "not-authorized");
    },
  },
  {
    rule: "J4",
    title: "A refused line is answered, and the stream continues",
    run: async (server) => {
      const target = server.name(), good = `${JSON.stringify({ target, data: 1 })}\n`;
      const large = `${JSON.stringify({ target, data: "x".repeat(1024 * 1024) })}\n`;
      const parts = [good, "no JSON\n", good, "{}\n", large, good, new Uint8Array([0x80, 0x0a]), good];
      const body = new Uint8Array(await new Blob(parts).arrayBuffer());
      const { lines } = (await server.notify(body, NDJSON)).is(200);
      const statuses = [202, 400, 202, 422, 413, 202, 400, 202];
      equal(lines.map(({ status }) => status ?? 202), { is: statuses, in: "the answers" });
      checkProblem(lines[3], { status: 422, kind: "does-not-fit" });
    },
  },
  {
    rule: "J6",
    title: "Of a request that breaks off, only whole lines are kept",
    run: async (server) => {
      const target = server.name(), stream = await server.open();
      const [first, half] = [JSON.stringify({ target, data: 1 }), JSON.stringify({ target, data: 2 })];
      const headers = { ...server.publisherHeaders, ...NDJSON, "content-length": "1000" };
      await stream.write(
        requestHead({ method: "POST", path: server.path("/v1/notify"), url: server.settings.url, headers }),
      );
      await stream.write(`${first}\n${half}`);
      await takeHead(stream);
      await server.until(async () => (await keptFor(server, target)).length > 0);
      stream[Symbol.dispose]();
      await server.accept({ target, data: "after" });
      equal(await keptFor(server, target), { is: [1, "after"], in: "what is kept" });
    },
  },
  {
    rule: "J7",
    title: "Idempotency-Key gives line i the id KEY.i, counted without empty lines",
    run: async (server) => {
      const key = server.name(), line = JSON.stringify({ target: server.name(), data: 1 });
      const { lines } = (await postLines(server, `${line}\n\n{}\n${line}`, { "idempotency-key": key })).is(
        200,
      );
      equal(lines.map(({ id }) => id), { is: [`${key}.0`, undefined, `${key}.2`], in: "the ids" });
    },
  },
  {
    rule: "J8",
    title: "A stream in which nothing arrives for 60 seconds ends with a line of the status 408",
    seconds: 60,
    run: async (server) => {
      const stream = await server.open();
      const headers = { ...server.publisherHeaders, ...NDJSON, "content-length": "1000" };
      await stream.write(
        requestHead({ method: "POST", path: server.path("/v1/notify"), url: server.settings.url, headers }),
      );
      const { lines } = await takeAnswer(stream);
      checkProblem(lines.at(-1), { status: 408, kind: "timeout" });
    },
  },
];
