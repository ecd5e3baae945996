/** Passes presence messages from the journal's subscriptions to the nodes, which exist only after the journal. */

type ReceivePresence = (target: string, data: Uint8Array) => void;

export class PresenceRelay {
  #receiver: ReceivePresence | undefined;

  /** Drops messages that arrive before `connect`. The other nodes send them again when this node joins. */
  receive(target: string, data: Uint8Array): void {
    this.#receiver?.(target, data);
  }

  connect(receiver: ReceivePresence): void {
    this.#receiver = receiver;
  }
}
