/** What a run knows of the server that it tests. */

/** A webhook of the server: the suite listens at the URL, and knows the secret that signs the posts. */
export interface WebhookSettings {
  readonly url: URL;
  readonly secret: string;
}

export interface Settings {
  /** Where the server is. A path is put in front of those of the protocol. */
  readonly url: URL;
  /** A publisher key with all scopes; null: the server is in development mode, and needs none. */
  readonly key: string | null;
  /** A publisher key that has the scope `read` alone. */
  readonly readKey: string | null;
  /** The secret by which tokens are signed (HS256); null: the server is asked for tokens. */
  readonly secret: string | null;
  /** An origin whose pages may connect. */
  readonly origin: string;
  /** Where the server posts the messages of browsers to. */
  readonly webhook: WebhookSettings | null;
  /** Where the server posts to which targets go online and offline. */
  readonly presence: WebhookSettings | null;
  /** The number of connections that a target may have. */
  readonly connections: number | null;
  /** The number of notifications that are kept for a target. */
  readonly kept: number | null;
  /** Cases that need more time are left out. */
  readonly patienceSeconds: number;
  /** A case that has no result after so long has failed; the time that it needs anyway is added. */
  readonly deadlineSeconds: number;
}
