/** The inbox of a device. Its worker has the real one: this shows what the worker says, and tells it what the user does. */

export class RemoteInbox extends EventTarget {
  items = [];
  unread = 0;
  more = false;
  state = "loading";
  #tell;

  /** @param tell called with the name of a method of the real inbox, and the positions of the items for it */
  constructor(tell) {
    super();
    this.#tell = tell;
  }

  update(snapshot) {
    Object.assign(this, snapshot);
    this.dispatchEvent(new Event("change"));
  }

  read(...items) {
    this.#tell("read", items.map(({ position }) => ({ position })));
  }

  markUnread(...items) {
    this.#tell("markUnread", items.map(({ position }) => ({ position })));
  }

  readAll() {
    this.#tell("readAll", []);
  }

  loadMore() {
    this.#tell("loadMore", []);
    return Promise.resolve();
  }
}
