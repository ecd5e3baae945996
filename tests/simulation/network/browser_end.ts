/** The browser's end of a connection: what the network tells a tab. */

export interface BrowserEnd {
  /** The connection is refused with this status. */
  onRefused(status: number): void;
  /** A frame has arrived. @param eventId the id of its event, over Server-Sent Events */
  onFrame(frame: string, eventId?: string): void;
  /** The connection has ended. @param code null: without a close */
  onClosed(code: number | null): void;
}

/** The node's end of a connection, as the network sees it. */
export interface NodeEnd {
  /** True while the node may write to it. */
  readonly isOpen: boolean;
  /** The browser sends a frame. Only a WebSocket can. */
  send(frame: string): void;
  /** The browser closes the connection. */
  close(): void;
  /** The connection breaks. The node notices at once, or (silent) much later. */
  cut(options: { readonly silent: boolean }): void;
  stall(): void;
  flow(): void;
}

/** Observes what a node hands to a connection, and what it receives over it. */
export interface Handover {
  /** @param buffered the bytes that were buffered before */
  onHanded(frame: string, buffered: number): void;
  onReceived(frame: string): void;
  /** The node has closed the connection. */
  onClosing(): void;
}
