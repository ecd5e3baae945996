/** A publisher over HTTP: it sends a request, and waits for the response. */

import { microseconds } from "./clock.ts";
import type { Server } from "./plan.ts";
import { ResponseReader } from "./response_reader.ts";
import type { PreparedRequest } from "./requests.ts";

export class HttpPublisher implements Disposable {
  readonly #connection: Deno.TcpConn;
  readonly #responses: ResponseReader;

  private constructor(connection: Deno.TcpConn) {
    this.#connection = connection;
    this.#responses = new ResponseReader(connection);
  }

  static async open({ port }: Server): Promise<HttpPublisher> {
    const connection = await Deno.connect({ hostname: "127.0.0.1", port });
    connection.setNoDelay(true);
    return new HttpPublisher(connection);
  }

  /** Sends the request with the current time in it, and resolves with whether the server accepted it. */
  async send(request: PreparedRequest): Promise<boolean> {
    request.stamp(microseconds());
    let sent = await this.#connection.write(request.bytes);
    while (sent < request.bytes.length) sent += await this.#connection.write(request.bytes.subarray(sent));
    const status = await this.#responses.next();
    return status >= 200 && status < 300;
  }

  [Symbol.dispose](): void {
    this.#connection.close();
  }
}
