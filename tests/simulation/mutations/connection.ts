/** Mutations of what a connection consists of: its session, its pumps, its transports, and what they share. */

import type { Mutation } from "./mutation.ts";

export const CONNECTION: readonly Mutation[] = [
  {
    file: "connection/session.ts",
    find: "    if (this.#hasEnded) return this.#deregister();\n",
    replace: "",
    breaks: "a connection that ends while it waits for its registration stays in the hub for ever",
  },
  {
    file: "connection/session.ts",
    find: "    if (this.#isRegistered) this.#deregister();\n",
    replace: "",
    breaks: "the hub keeps every connection that has ended",
  },
  {
    file: "connection/session.ts",
    find: "    this.#admitted.slot.release();\n",
    replace: "",
    breaks: "slots are never given back, until the node is full",
  },
  {
    file: "connection/session.ts",
    find: "    if (expiresAt !== null) this.#deps.expiries.add(this, expiresAt);\n",
    replace: "",
    breaks: "a connection outlives its token",
  },
  {
    file: "connection/session.ts",
    find: "    if (expiresAt !== null) this.#deps.expiries.delete(this, expiresAt);\n",
    replace: "",
    breaks: "sessions that have ended are kept until their tokens expire, also by a node that stops",
  },
  {
    file: "connection/session.ts",
    find: "    if (error instanceof StalledError) return this.end(CLOSE.stuck);\n",
    replace: "    if (error instanceof StalledError) return;\n",
    breaks: "a socket to which nothing can be sent is never closed",
  },
  {
    file: "connection/write_pump.ts",
    find: "outbox.size > 0 && this.#sink.buffered <= HIGH_WATER_BYTES",
    replace: "outbox.size > 0",
    breaks: "frames pile up in a socket that does not drain",
  },
  {
    file: "connection/write_pump.ts",
    find: "        return drained();\n",
    replace: "",
    breaks: "a pipeline sends without waiting for the socket",
  },
  {
    file: "connection/write_pump.ts",
    find: "      this.flush(); // for notifications that came after the last batch was pulled\n",
    replace: "",
    breaks: "what arrives while a pipeline ends waits until something else arrives",
  },
  {
    file: "connection/write_pump.ts",
    find: "    this.#sink.send(frame, position);\n    this.#reached",
    replace: "    this.#sink.send(frame);\n    this.#reached",
    breaks: "an EventSource does not know after what to resume",
  },
  {
    file: "connection/write_pump.ts",
    find: "if (this.#heldMessages !== undefined || this.#pipeline !== undefined || !this.#sink.open) return;",
    replace: "if (this.#pipeline !== undefined || !this.#sink.open) return;",
    breaks: "notifications are sent before the welcome",
  },
  {
    file: "connection/write_pump.ts",
    find:
      "  async finish(close: Close): Promise<void> {\n    this.flush();\n    await this.#pipelineEnd();\n",
    replace: "  async finish(close: Close): Promise<void> {\n",
    breaks: "a node that stops closes connections before it has sent what waits for them",
  },
  {
    file: "connection/write_pump.ts",
    find: "    this.#reached = position ?? this.#reached;\n",
    replace: "",
    breaks: "a publisher waits for acks that have come already",
  },
  {
    file: "connection/catch_up.ts",
    find: "const missed = !complete && !isKnown;",
    replace: "const missed = false;",
    breaks: "a connection that fell behind is not told what it has missed",
  },
  {
    file: "connection/catch_up.ts",
    find: "recovered: after === null || this.#isFresh ? null : first.complete",
    replace: "recovered: after === null || this.#isFresh ? null : true",
    breaks: "a tab that resumes is told that it has missed nothing",
  },
  {
    file: "connection/catch_up.ts",
    find: "canCompare ? lossThrough === this.#reportedLoss : this.#isLossReported",
    replace: "this.#isLossReported || (canCompare && lossThrough === this.#reportedLoss)",
    breaks: "a tab that is told of a loss is not told of the next one, right after its welcome",
  },
  {
    file: "connection/drain_poller.ts",
    find: "wait.stalledMs >= this.#stuckAfterMs",
    replace: "wait.stalledMs >= 2 * this.#stuckAfterMs",
    breaks: "a socket to which nothing can be sent lives twice as long as it may",
  },
  {
    file: "connection/drain_poller.ts",
    find: "if (buffered <= wait.maxBytes) wait.resolve();",
    replace: "if (buffered <= 2 * wait.maxBytes) wait.resolve();",
    breaks: "a socket is sent more before it has drained",
  },
  {
    file: "connection/drain_poller.ts",
    find: "      this.#waits.delete(wait);\n",
    replace: "",
    breaks: "the timer that polls sockets never ends",
  },
  {
    file: "connection/expiry_wheel.ts",
    find: "Math.ceil(at / this.#everyMs)",
    replace: "Math.floor(at / this.#everyMs)",
    breaks: "a connection is closed before its token expires",
  },
  {
    file: "connection/expiry_wheel.ts",
    find: "tick <= now",
    replace: "tick <= now - 4",
    breaks: "a connection is closed long after its token has expired",
  },
  {
    file: "connection/admission.ts",
    find: "    entry.connections--;\n",
    replace: "",
    breaks: "a target keeps the slots of its former connections",
  },
  {
    file: "connection/admission.ts",
    find: "    clearTimeout(entry.unfollowTimer);\n    entry.connections++;\n",
    replace: "    entry.connections++;\n",
    breaks: "a tab that comes back is forgotten by the journal after a while",
  },
  {
    file: "connection/admission.ts",
    find: "      this.#journal.unfollow(entry.target);\n",
    replace: "",
    breaks: "the journal follows every target that ever had a connection",
  },
  {
    file: "connection/admission.ts",
    find: "    this.#announce(entry.target);\n    if (entry.connections === 0)",
    replace: "    if (entry.connections === 0)",
    breaks: "other nodes believe that connections are still there",
  },
  {
    file: "connection/admission.ts",
    find: "this.#limits.maxConnectionsPerTarget - this.#connectionsOf(target)",
    replace: "1 + this.#limits.maxConnectionsPerTarget - this.#connectionsOf(target)",
    breaks: "a target has more connections than it may",
  },
  {
    file: "connection/sse_transport.ts",
    find: '    this.#notify("onClose");\n',
    replace: "",
    breaks: "an event stream that has ended keeps its slot, and its place in the hub",
  },
  {
    file: "connection/sse_transport.ts",
    find: "    clearInterval(this.#commentTimer);\n",
    replace: "",
    breaks: "an event stream that has ended is still sent comments",
  },
  {
    file: "connection/frame_encoding.ts",
    find: "text === other.notifications[index]?.text",
    replace: "text.length === other.notifications[index]?.text.length",
    breaks: "a tab is sent what was meant for another one",
  },
];
