/** The address of the client of a request. */

/** The other end of the connection, which may be a proxy. */
export function peerAddress({ remoteAddr }: Pick<Deno.ServeHandlerInfo<Deno.NetAddr>, "remoteAddr">): string {
  return remoteAddr.hostname;
}
