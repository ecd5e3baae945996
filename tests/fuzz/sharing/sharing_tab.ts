/** A tab of those that share a connection: it checks its states, and what it is given. */

import { connect, type Tidings, type TidingsState } from "../../../src/client/client.ts";
import "../../../src/client/tab_election.ts"; // the client imports it later, which takes no simulated time then
import type { SimWorld } from "../network/sim_world.ts";
import { URL } from "../sdk/page.ts";

const STATES: readonly TidingsState[] = ["connecting", "open", "waiting", "closed"];

export class SharingTab {
  readonly tidings: Tidings;
  /** The ids that it has received, in order. */
  readonly delivered: string[] = [];
  isClosed = false;

  constructor(world: SimWorld) {
    this.tidings = connect(URL, { target: "alexander", share: true, remember: "fuzz" });
    this.tidings.addEventListener("notification", ({ detail: { id, at } }) => {
      const key = `${at} ${id}`;
      if (this.delivered.includes(key)) world.fault(`${key} was delivered twice`);
      this.delivered.push(key);
      if (this.isClosed) world.fault(`${key} was delivered after close()`);
    });
    let before: TidingsState = "connecting";
    this.tidings.addEventListener("state", ({ detail: { state, reason } }) => {
      if (!STATES.includes(state) || typeof reason !== "string") {
        world.fault(`the state is ${state}: ${reason}`);
      }
      if (before === "closed") world.fault(`${state} has followed closed`);
      before = state;
    });
  }

  close(): void {
    void this.tidings.close().then(() => this.isClosed = true);
  }
}
