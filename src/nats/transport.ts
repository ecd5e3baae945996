/** The transport to NATS: the library's own, whose sockets cannot end the process any more. */

import type { Socket } from "node:net";
import { connect as connectTls, type TLSSocket } from "node:tls";
import { NatsConnectionImpl, setTransportFactory } from "@nats-io/nats-core/internal";
import type { ConnectionOptions, NatsConnection } from "@nats-io/nats-core";
import { nodeResolveHost, NodeTransport } from "@nats-io/transport-node/lib/node_transport.js";

/**
 * The library removes all listeners of a socket before it destroys it. A reset that is read after that, as when a
 * server refuses a login, is an error that nobody listens for: it ends the process.
 */
class NatsTransport extends NodeTransport {
  override async dial(server: { hostname: string; port: number }): Promise<Socket> {
    return listenedTo(await super.dial(server));
  }

  /** In TLS 1.3 a server refuses a certificate after the handshake: that error has to be listened for from the start. */
  override startTLS(): Promise<TLSSocket> {
    const { promise, resolve, reject } = Promise.withResolvers<TLSSocket>();
    const socket = listenedTo(
      connectTls({ ...this.options.tls, socket: this.socket, servername: this.tlsName }),
    );
    socket.once("secureConnect", () => resolve(socket));
    socket.once("error", reject);
    socket.once("close", () => reject(new Error("the line was closed during the TLS handshake")));
    return promise;
  }
}

/** Connects as the library's own `connect` does. */
export async function connect(options: ConnectionOptions): Promise<NatsConnection> {
  setTransportFactory({ factory: () => new NatsTransport(), dnsResolveFn: nodeResolveHost });
  return await NatsConnectionImpl.connect(options);
}

function listenedTo<S extends Socket>(socket: S): S {
  const removeAll = socket.removeAllListeners.bind(socket);
  socket.removeAllListeners = (...event) => removeAll(...event).on("error", () => {});
  return socket.on("error", () => {});
}
