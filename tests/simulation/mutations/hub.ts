/** Mutations of the hub: its loop, its map, its feed and its outboxes. */

import type { Mutation } from "./mutation.ts";

export const HUB: readonly Mutation[] = [
  {
    file: "hub/hub.ts",
    find: "for (const connection of this.registrations.drain()) this.#connections.add(connection);",
    replace: "for (const connection of this.deregistrations.drain()) this.#connections.delete(connection);" +
      "for (const connection of this.registrations.drain()) this.#connections.add(connection);",
    breaks: "the hub keeps a connection that came and went within one turn",
  },
  {
    file: "hub/hub.ts",
    find: "      connection.outbox.fallBehind(late);\n",
    replace: "",
    breaks: "a connection sends on after a gap, and what is missing never comes",
  },
  {
    file: "hub/hub.ts",
    find: "      connection.outbox.fallBehind(late);\n      touched.push(connection);\n",
    replace: "      connection.outbox.fallBehind(late);\n",
    breaks: "a connection that has fallen behind is not flushed, so it is silent from then on",
  },
  {
    file: "hub/by_target.ts",
    find: "existing instanceof Set && existing.size === 0",
    replace: "existing instanceof Set",
    breaks: "when one tab of a target leaves, its other tabs receive nothing more",
  },
  {
    file: "hub/by_target.ts",
    find: "this.#connections.set(target, new Set([existing, connection]))",
    replace: "this.#connections.set(target, connection)",
    breaks: "the first tab of a target receives nothing once there is a second one",
  },
  {
    file: "hub/feed.ts",
    find: "    this.gap(notification.target);\n",
    replace: "",
    breaks: "what does not fit into the queue of the hub is lost",
  },
  {
    file: "hub/outbox.ts",
    find: "notification.position <= this.#newest",
    replace: "notification.position < this.#newest",
    breaks: "what a page had, and is offered afterwards, is sent twice",
  },
  {
    file: "hub/outbox.ts",
    find: "position > page.next",
    replace: "position >= page.next",
    breaks: "what was offered while a page was read is sent again after the page",
  },
  {
    file: "hub/outbox.ts",
    find: "this.#isLive = !page.more && this.#isReading;",
    replace: "this.#isLive = !page.more;",
    breaks: "an outbox turns live although it dropped something while the page was read",
  },
  {
    file: "hub/outbox.ts",
    find: "(bytes > this.#maxBytes && this.size > 0) || ",
    replace: "",
    breaks: "a tab that does not read fills the memory of the node",
  },
  {
    file: "hub/outbox.ts",
    find: "    this.#position = taken.at(-1)?.position ?? this.#position;\n",
    replace: "",
    breaks: "a connection that falls behind reads again what it was sent live",
  },
  {
    file: "hub/outbox.ts",
    find: "this.#isLive = this.#isReading = false;",
    replace: "this.#isLive = false;",
    breaks: "a gap while a page is read is forgotten when the page ends",
  },
];
