/** The presence relay: the journal opens before the node joins, and hands on here what other nodes say of a target. */

type HearPresence = (target: string, data: Uint8Array) => void;

export class PresenceRelay {
  #listener: HearPresence | undefined;

  /** What comes before anybody listens is dropped: the other nodes repeat it when this one has joined. */
  hear(target: string, data: Uint8Array): void {
    this.#listener?.(target, data);
  }

  connect(listener: HearPresence): void {
    this.#listener = listener;
  }
}
