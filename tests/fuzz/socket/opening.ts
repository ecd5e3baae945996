/** Opens an attacked connection: sends the request, and checks the answer to it. */

import type { Answer } from "../../conformance/client/answer.ts";
import { ByteStream } from "../../conformance/client/byte_stream.ts";
import { parseHead, requestHead, takeBody } from "../../conformance/client/raw_http.ts";
import { kindOfProblem } from "../problem_check.ts";
import type { Credentials } from "../service/secrets.ts";
import { expect, fail } from "../violation.ts";
import { within } from "../within.ts";
import { isRight, type Opening } from "./attack.ts";

const DEADLINE_MS = 60_000; // only what is broken takes that long
/** How long nothing has to come from a server that may wait for more of a request. */
const QUIET_MS = 20;
const MAX_ANSWER_BYTES = 1_000_000;

/** Headers with which the runtime refuses a request before the service sees it, with an empty body. */
const FRAMING = ["content-length", "transfer-encoding", "host", "connection", "upgrade"];

export interface OpeningOptions {
  readonly port: number;
  readonly credentials: Credentials;
}

/** Resolves with the status; null if the server has closed the connection without one, or waits for more. */
export async function open(
  opening: Opening,
  { stream, ...options }: OpeningOptions & { readonly stream: ByteStream },
): Promise<number | null> {
  if ("text" in opening) return await openBroken(opening.text, stream);
  await stream.write(upgradeOf(opening, options));
  const late = () => "late" as const;
  const head = await within(DEADLINE_MS, { work: stream.takeUntil("\r\n\r\n"), late });
  if (head === "late") return fail(`there is no answer to the upgrade of ${opening.route}`);
  if (head === null) {
    expect(!isRight(opening), () => `an upgrade of ${opening.route} was cut`);
    return null;
  }
  const { status, headers } = parseHead(head);
  expect(status < 500 || status === 503, () => `an upgrade of ${opening.route} was answered with ${status}`);
  expect(
    status === 101 || !isRight(opening),
    () => `an upgrade of ${opening.route} was refused with ${status}`,
  );
  if (status >= 400) await checkRefusal(opening, { headers, stream, status });
  return status;
}

async function checkRefusal(
  { headers: sent }: Exclude<Opening, { readonly text: string }>,
  { headers, stream, status }: Pick<Answer, "headers" | "status"> & { stream: ByteStream },
): Promise<void> {
  const text = new TextDecoder().decode(await takeBody(stream, headers));
  const isOfRuntime = text === "" && status === 400 && FRAMING.some((name) => name in sent);
  if (isOfRuntime) return;
  expect(
    headers.get("content-type") === "application/problem+json",
    () => `the refusal is no problem: ${text}`,
  );
  kindOfProblem(JSON.parse(text));
}

function upgradeOf(
  { route, query, credential, headers }: Exclude<Opening, { readonly text: string }>,
  { port, credentials }: OpeningOptions,
): string {
  const secret = credentials[credential];
  return requestHead({
    path: `${route}${query}`,
    url: new URL(`http://127.0.0.1:${port}`),
    headers: {
      connection: "Upgrade",
      upgrade: "websocket",
      "sec-websocket-version": "13",
      "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
      authorization: secret === null ? null : `Bearer ${secret}`,
      ...headers,
    },
  });
}

/** The runtime refuses most of it. What the service answers is never 500. */
async function openBroken(text: string, stream: ByteStream): Promise<null> {
  await stream.write(text);
  const rest = await within(QUIET_MS, { work: stream.takeUntil("\r\n"), late: () => null });
  const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(rest ?? "")?.[1] ?? 0);
  expect(status < 500 || status === 505, () => `a broken request was answered with ${status}`);
  expect(
    (rest?.length ?? 0) < MAX_ANSWER_BYTES,
    () => "a broken request was answered with more than a megabyte",
  );
  return null;
}
