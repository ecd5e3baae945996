/** The networks by which limits count the clients of requests. */

import { networkOf } from "./address_network.ts";
import { clientAddress } from "./client_address.ts";
import { type TrustedProxies, trustProxies } from "./trusted_proxies.ts";

/** What Deno says of a request. Tests may have nothing to say. */
export type RequestInfo = Partial<Pick<Deno.ServeHandlerInfo, "remoteAddr">> | undefined;

export class ClientNetworks {
  readonly #trusted: TrustedProxies;

  /** @param proxies networks, each as `ADDRESS/LENGTH` */
  constructor(proxies: readonly string[]) {
    this.#trusted = trustProxies(proxies);
  }

  /** Undefined if the request came over no network. */
  of({ headers }: Pick<Request, "headers">, info: RequestInfo): string | undefined {
    const addr = info?.remoteAddr;
    if (addr === undefined || !("hostname" in addr)) return undefined;
    return networkOf(clientAddress({ headers, peer: addr.hostname }, this.#trusted));
  }
}
