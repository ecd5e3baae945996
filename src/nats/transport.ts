/** The library's TCP transport to NATS, with error listeners that stay, so that no socket error ends the process. */

import type { Socket } from "node:net";
import { connect as connectTls, type TLSSocket } from "node:tls";
import { NatsConnectionImpl, setTransportFactory } from "@nats-io/nats-core/internal";
import type { ConnectionOptions, NatsConnection } from "@nats-io/nats-core";
import { nodeResolveHost, NodeTransport } from "@nats-io/transport-node/lib/node_transport.js";

/**
 * The library removes all listeners of a socket before it destroys it. A reset that arrives after that, for example
 * when a server refuses a login, is an error without a listener and ends the process.
 */
class NatsTransport extends NodeTransport {
  override async dial(server: { hostname: string; port: number }): Promise<Socket> {
    return ignoreErrors(await super.dial(server));
  }

  /** In TLS 1.3, a server refuses a certificate after the handshake, so the listener must be there from the start. */
  override startTLS(): Promise<TLSSocket> {
    const { promise, resolve, reject } = Promise.withResolvers<TLSSocket>();
    const socket = ignoreErrors(
      connectTls({ ...this.options.tls, socket: this.socket, servername: this.tlsName }),
    );
    socket.once("secureConnect", () => resolve(socket));
    socket.once("error", reject);
    socket.once("close", () => reject(new Error("the connection closed during the TLS handshake")));
    return promise;
  }
}

/** Connects as the library's own `connect` does, over this transport. */
export async function connect(options: ConnectionOptions): Promise<NatsConnection> {
  setTransportFactory({ factory: () => new NatsTransport(), dnsResolveFn: nodeResolveHost });
  return await NatsConnectionImpl.connect(options);
}

/** Adds a listener that survives `removeAllListeners`. */
function ignoreErrors<S extends Socket>(socket: S): S {
  const removeAll = socket.removeAllListeners.bind(socket);
  socket.removeAllListeners = (...event) => removeAll(...event).on("error", () => {});
  return socket.on("error", () => {});
}
