/** Centrifugo 6: its bidirectional protocol in JSON, as centrifuge-js 5 speaks it, with recovery by offset and epoch. */

import type { Dialect, Ear, Language, Message } from "../dialect.ts";

const CHANNEL = "stream";
const CONNECT = 1, SUBSCRIBE = 2;

interface Publication {
  readonly data: Message;
  readonly offset: number;
  readonly epoch?: string;
}

interface Reply {
  readonly id?: number;
  readonly error?: { readonly code: number; readonly message: string };
  readonly subscribe?: {
    readonly epoch: string;
    readonly offset?: number;
    readonly publications?: readonly Publication[];
    readonly recovered?: boolean;
    readonly was_recovering?: boolean;
  };
  readonly push?: { readonly pub?: Publication };
}

class CentrifugoDialect implements Dialect {
  #place: { readonly epoch: string; readonly offset: number } | null = null;

  path(): string {
    return "/connection/websocket";
  }

  open(ear: Ear): void {
    ear.say(JSON.stringify({ id: CONNECT, connect: { name: "js" } }));
  }

  /** A frame has several replies, one on each line. */
  take(text: string, ear: Ear): void {
    for (const line of text.split("\n")) if (line !== "") this.#take(JSON.parse(line), ear);
  }

  #take({ id, error, subscribe, push }: Reply, ear: Ear): void {
    if (error !== undefined) throw new Error(`Centrifugo answers ${error.code}: ${error.message}`);
    if (id === CONNECT) return this.#subscribe(ear);
    if (subscribe !== undefined) {
      this.#place = { epoch: subscribe.epoch, offset: subscribe.offset ?? 0 };
      ear.ready(subscribe.was_recovering === true ? subscribe.recovered === true : null);
      for (const publication of subscribe.publications ?? []) this.#deliver(publication, ear);
    } else if (push?.pub !== undefined) this.#deliver(push.pub, ear);
    else if (id === undefined && push === undefined) ear.say("{}"); // the answer to a ping, which is empty as well
  }

  #subscribe(ear: Ear): void {
    const recovery = this.#place === null ? {} : { recover: true, ...this.#place };
    ear.say(JSON.stringify({ id: SUBSCRIBE, subscribe: { channel: CHANNEL, ...recovery } }));
  }

  #deliver({ data, offset, epoch = this.#place?.epoch ?? "" }: Publication, ear: Ear): void {
    this.#place = { epoch, offset };
    ear.deliver(data);
  }
}

export const centrifugo: Language = {
  create: () => new CentrifugoDialect(),
  body: (data) => JSON.stringify({ channel: CHANNEL, data }),
};
