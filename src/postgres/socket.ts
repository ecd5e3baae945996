/** Opens a socket to a PostgreSQL server, with TLS as the URL says. */

import { connect as connectTcp, isIP, type Socket } from "node:net";
import { connect as connectTls, type ConnectionOptions } from "node:tls";
import type { PostgresServer, PostgresTls } from "./postgres_url.ts";

/** The message SSLRequest, and the answer "S": "yes, go on with TLS". */
const SSL_REQUEST = new Uint8Array([0, 0, 0, 8, 4, 210, 22, 47]);
const WILLING = "S";

/**
 * Resolves when the server may be sent its first message. The driver cannot do this: it does not check certificates
 * without names (`verify-ca`), and sends a server without TLS what that takes for an attack.
 *
 * @param options.signal destroys the socket, now or later
 */
export async function openSocket(
  { host, port }: PostgresServer,
  { tls, signal }: { tls: PostgresTls; signal: AbortSignal },
): Promise<Socket> {
  const options = tls.mode === "disable" ? null : await tlsOptions(tls, host);
  signal.throwIfAborted();
  const socket = destroyedBy(signal, connectTcp({ host, port }));
  await event(socket, "connect");
  if (options === null) return socket;
  socket.write(SSL_REQUEST);
  const answer = String(await event(socket, "data"));
  if (answer === WILLING) {
    const secured = destroyedBy(signal, connectTls({ ...options, socket }));
    await event(secured, "secureConnect");
    return secured;
  }
  // An answer with more than one byte was not encrypted, although the driver would take it for a part of what is.
  if (tls.mode === "prefer" && answer === "N") return socket;
  socket.destroy();
  throw new Error(
    answer === "N" ? "the server has no TLS" : "the server's answer to the offer of TLS is wrong",
  );
}

async function tlsOptions(
  { mode, ca, cert, key }: PostgresTls,
  host: string,
): Promise<ConnectionOptions> {
  return {
    ...isIP(host) ? { host } : { host, servername: host },
    rejectUnauthorized: mode === "verify-ca" || mode === "verify-full",
    ...mode === "verify-full" ? {} : { checkServerIdentity: () => undefined },
    ...ca === null ? {} : { ca: await Deno.readTextFile(ca) },
    ...cert === null || key === null
      ? {}
      : { cert: await Deno.readTextFile(cert), key: await Deno.readTextFile(key) },
  };
}

/** An error that comes while nobody listens is followed by the event `close`, and must not end the process. */
function destroyedBy<T extends Socket>(signal: AbortSignal, socket: T): T {
  socket.on("error", () => {});
  signal.addEventListener("abort", () => socket.destroy(), { once: true });
  return socket;
}

/** Resolves with what the next event of the kind carries. Rejects when the socket fails or closes before. */
async function event(socket: Socket, name: "connect" | "data" | "secureConnect"): Promise<unknown> {
  const { promise, resolve, reject } = Promise.withResolvers<unknown>();
  const close = () => reject(new Error("the server closed the connection"));
  socket.once(name, resolve).once("error", reject).once("close", close);
  try {
    return await promise;
  } finally {
    socket.off(name, resolve).off("error", reject).off("close", close);
  }
}
