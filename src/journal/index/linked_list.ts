/** A doubly linked list: keeps the order of arrival, and removes any node at the same small cost. */

/** The links that a list sets on its nodes. A node is in at most one list at a time. */
export interface ListNode {
  previous?: this | undefined;
  next?: this | undefined;
}

export class LinkedList<T extends ListNode> {
  #first: T | undefined;
  #last: T | undefined;

  /** The oldest node of the list. */
  get first(): T | undefined {
    return this.#first;
  }

  append(node: T): void {
    node.previous = this.#last;
    if (this.#last === undefined) this.#first = node;
    else this.#last.next = node;
    this.#last = node;
  }

  remove(node: T): void {
    if (node.previous === undefined) this.#first = node.next;
    else node.previous.next = node.next;
    if (node.next === undefined) this.#last = node.previous;
    else node.next.previous = node.previous;
    node.previous = node.next = undefined;
  }
}
