/** Checks the answer to a call: it never says that the service is broken, whatever the protocol of the call. */

import { expect } from "../violation.ts";

/** How the protocols say that the server has a fault. */
const BROKEN = ["internal", "unknown", "data_loss", "unimplemented"];
const BROKEN_GRPC = ["2", "13", "15"];

/** What is an error of the client, although gRPC calls it internal: a message that cannot be parsed, for example. */
const OF_CLIENT =
  /^protocol error|^parse (binary|json)|missing|compress|envelope|unsupported|premature|trailer|timeout/i;

export interface RpcAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Uint8Array;
}

/** Returns a code that says what came of the call. */
export function checkRpcAnswer({ status, headers, bytes }: RpcAnswer, secrets: readonly string[]): string {
  const text = new TextDecoder().decode(bytes);
  expect(!secrets.some((secret) => text.includes(secret)), () => `the answer has a secret: ${text}`);
  const grpc = headers.get("grpc-status") ?? /grpc-status: ?(\d+)/.exec(text)?.[1];
  const message = headers.get("grpc-message") ?? /grpc-message: ?([^\r\n]*)/.exec(text)?.[1] ?? "";
  const code = /"code":"([a-z_]+)","message":"([^"]*)/.exec(text);
  const [, name = "", says = ""] = code ?? [];
  const isBroken = BROKEN_GRPC.includes(grpc ?? "0") && !OF_CLIENT.test(decodeURIComponent(message)) ||
    BROKEN.includes(name) && !OF_CLIENT.test(says);
  expect(
    !isBroken && status !== 500,
    () => `the answer says that the service is broken: ${status} ${grpc} ${message} ${text.slice(0, 500)}`,
  );
  return `${status} ${name !== "" ? name : grpc !== undefined ? `grpc ${grpc}` : "answer"}`;
}
