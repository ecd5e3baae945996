/** What a case may say of a request. */

/** Several values are several fields; null leaves out a field that is usually there. */
export type HeaderValues = Readonly<Record<string, string | readonly string[] | null>>;

export interface RequestOptions {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Bytes or text as they are, or a value that is sent as JSON. */
  readonly body?: unknown;
}

export interface ConnectOptions {
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: HeaderValues;
}
