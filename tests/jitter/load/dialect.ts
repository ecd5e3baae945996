/** How a client of one server connects, subscribes, and asks for what it has missed. */

/** What one client says and understands. It lives as long as the client, over all of its connections. */
export interface Dialect {
  /** Returns the path of the next upgrade. */
  path(): string;
  /** Called when a connection is open. */
  open(ear: Ear): void;
  /** Called with each message of the server. */
  take(text: string, ear: Ear): void;
}

/** What a dialect tells its client. */
export interface Ear {
  /** Sends a message to the server. */
  say(text: string): void;
  /** The client is subscribed. True: the server says that it has recovered; null: it does not say. */
  ready(isRecovered: boolean | null): void;
  /** A message of the publisher has arrived. */
  deliver(message: Message): void;
}

/** What the publisher sends. */
export interface Message {
  /** 1 for the first message. */
  readonly seq: number;
  readonly text: string;
}

/** A language that the load speaks: as a client, and as a publisher over HTTP. */
export interface Language {
  create(): Dialect;
  /** Returns the body that publishes a message to all clients. */
  body(message: Message): string;
}
