/** A page with an inbox: it looks at all that it is shown, and scrolls as lists do that load what comes next. */

import { connect, type Tidings } from "../../../src/client/client.ts";
import { inbox, type TidingsInbox } from "../../../src/client/inbox.ts";
import type { SimWorld } from "../network/sim_world.ts";
import { isObject } from "../json/json.ts";
import { URL } from "../sdk/page.ts";

/** Pages in a row that add nothing, after which whoever scrolls would go on for ever. */
const MAX_FUTILE = 10;

export class InboxPage {
  readonly tidings: Tidings;
  readonly inbox: TidingsInbox;
  /** Pages that are being loaded for somebody who scrolls. */
  loading = 0;
  readonly #world: SimWorld;

  constructor(world: SimWorld) {
    this.#world = world;
    this.tidings = connect(URL, { target: "alexander" });
    this.inbox = inbox(this.tidings, { badge: false });
    this.inbox.addEventListener("change", () => this.#check());
  }

  /** Loads one page, or until there is nothing more. */
  async scroll(pages: number): Promise<void> {
    this.loading++;
    try {
      for (let futile = 0; pages > 0 && this.inbox.more; pages--) {
        const { items } = this.inbox;
        await this.inbox.loadMore();
        futile = this.inbox.items.length > items.length || this.inbox.items[0] !== items[0] ? 0 : futile + 1;
        if (futile > MAX_FUTILE) {
          return this.#world.fault("there is always more, and loadMore() adds nothing");
        }
      }
    } catch (error) {
      if (!(error instanceof Error) || error.message === "") {
        this.#world.fault(`loadMore() rejects with ${error}`);
      }
    } finally {
      this.loading--;
    }
  }

  close(): void {
    this.inbox.close();
    void this.tidings.close();
  }

  #check(): void {
    const { items, unread, more, state, reason } = this.inbox,
      fault = (text: string) => this.#world.fault(text);
    const positions = items.map((item) => isObject(item) ? item.position : undefined);
    if (positions.some((one) => typeof one !== "string")) {
      fault(`an item has the position ${JSON.stringify(positions)}`);
    }
    const isSorted = positions.every((one, at) => at === 0 || String(one) < String(positions[at - 1]));
    if (!isSorted) fault(`the items are not in order, or some are there twice: ${positions}`);
    if (items.some(({ read }) => typeof read !== "boolean")) fault("an item is neither read nor unread");
    if (!Number.isInteger(unread) || unread < 0) fault(`${JSON.stringify(unread)} are unread`);
    if (typeof more !== "boolean") fault(`there are more: ${JSON.stringify(more)}`);
    if ((state === "failed") !== (reason !== "")) fault(`the inbox is ${state} with the reason "${reason}"`);
  }
}
