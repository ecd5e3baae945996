/** The host of a NATS server: this machine's loopback, or a network namespace; and the program there. */

export interface NatsHost {
  readonly hostname: string;
  /** A command that starts others there, in a network namespace for example. */
  readonly within: readonly string[];
  /** Another program than Debian's. */
  readonly program?: string;
}

export const THIS_HOST: NatsHost = { hostname: "127.0.0.1", within: [] };
