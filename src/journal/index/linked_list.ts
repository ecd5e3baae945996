/** A chain: things in the order they came, any of which can leave from the middle at the same small cost. */

/** What a chain needs of its members; a member is in one chain at a time. */
export interface ListNode {
  previous?: this | undefined;
  next?: this | undefined;
}

export class LinkedList<T extends ListNode> {
  #first: T | undefined;
  #last: T | undefined;

  /** The one that came first of those that are still there. */
  get first(): T | undefined {
    return this.#first;
  }

  append(link: T): void {
    link.previous = this.#last;
    if (this.#last === undefined) this.#first = link;
    else this.#last.next = link;
    this.#last = link;
  }

  remove(link: T): void {
    if (link.previous === undefined) this.#first = link.next;
    else link.previous.next = link.next;
    if (link.next === undefined) this.#last = link.previous;
    else link.next.previous = link.previous;
    link.previous = link.next = undefined;
  }
}
