/** Mutations of the journal: what it keeps, what it says of losses, and what it knows about reading. */

import type { Mutation } from "./mutation.ts";

export const JOURNAL: readonly Mutation[] = [
  {
    file: "journal/memory.ts",
    find: "if (this.#index.isFollowed(entry.target)) this.#feed.offer(entry);",
    replace: "if (entry.target !== null && this.#index.isFollowed(entry.target)) this.#feed.offer(entry);",
    breaks: "a notification to everyone reaches nobody who is connected",
  },
  {
    file: "journal/memory.ts",
    find: "if (this.#index.isFollowed(target)) this.#feed.offer(mark);",
    replace: "",
    breaks: "a mark reaches no tab that is connected",
  },
  {
    file: "journal/memory.ts",
    find: "if (earlier === undefined) return this.#keep(draft, now);",
    replace: 'if (earlier !== "conflict") return this.#keep(draft, now);',
    breaks: "a repeated notification is delivered again",
  },
  {
    file: "journal/index/paging.ts",
    find: "let complete = from !== undefined && from >= completeAfter;",
    replace: "let complete = from !== undefined;",
    breaks: "a tab is not told of what was evicted",
  },
  {
    file: "journal/index/paging.ts",
    find: "        complete = false;\n",
    replace: "",
    breaks: "a tab is not told of what has expired, and is not evicted yet",
  },
  {
    file: "journal/index/paging.ts",
    find: "entries.length >= maxEntries ||",
    replace: "entries.length > maxEntries ||",
    breaks: "a read for the start of a stream skips the first entry",
  },
  {
    file: "journal/index/retention_index.ts",
    find: 'if (reason !== "obsolete") log.markLost(entry.sequence);',
    replace: 'if (reason === "retention") log.markLost(entry.sequence);',
    breaks: "a tab is not told of what was dropped because its target had too many",
  },
  {
    file: "journal/index/retention_index.ts",
    find: "    this.#budget.spend(-TARGET_BYTES);\n    this.#keepCompleteAfter(target, completeAfter);\n",
    replace: "    this.#budget.spend(-TARGET_BYTES);\n",
    breaks: "the losses of a target are forgotten when the last of its entries goes",
  },
  {
    file: "journal/index/retention_index.ts",
    find: "    if (!this.#byTarget.has(target)) this.#keepCompleteAfter(target, completeAfter);\n",
    replace: "",
    breaks: "the losses of a target are forgotten when its last tab has been away for a while",
  },
  {
    file: "journal/index/target_log.ts",
    find: "if (node === this.#nodes[0]) this.#nodes.shift();",
    replace: "if (sequence > 0) this.#nodes.shift();",
    breaks: "a replaced notification takes another one with it",
  },
  {
    file: "journal/index/read_state.ts",
    find: "    read: read.filter((one) => !changed.has(one)),\n",
    replace: "    read,\n",
    breaks: "what was read out of order cannot be marked as unread",
  },
  {
    file: "journal/index/read_state.ts",
    find: "    unread: unread.filter((one) => !changed.has(one)),\n",
    replace: "    unread,\n",
    breaks: "what was marked as unread cannot be marked as read again",
  },
  {
    file: "journal/mark.ts",
    find: "through !== null && position <= through",
    replace: "through !== null && position < through",
    breaks: "a tab believes that the last notification it has read is unread",
  },
];
