/** LinkedList keeps the order of arrival while nodes are removed from anywhere. */

import { assertEquals } from "@std/assert";
import * as fc from "fast-check";
import { LinkedList, type ListNode } from "../../../src/journal/index/linked_list.ts";

interface Numbered extends ListNode {
  readonly number: number;
}

Deno.test("LinkedList keeps the order of arrival, whichever nodes are removed", () => {
  const program = fc.array(fc.option(fc.nat({ max: 20 })), { maxLength: 60 }); // null: append; n: remove the n-th node
  fc.assert(fc.property(program, (steps) => {
    const list = new LinkedList<Numbered>();
    const expected: Numbered[] = [];
    for (const [number, removed] of steps.entries()) {
      const node: Numbered = { number };
      if (removed === null) {
        list.append(node);
        expected.push(node);
      } else {
        for (const node of expected.splice(removed, 1)) list.remove(node);
      }
      assertEquals(list.first?.number, expected[0]?.number);
    }
    const rest: number[] = [];
    for (let node = list.first; node !== undefined; node = list.first) {
      rest.push(node.number);
      list.remove(node);
    }
    assertEquals(rest, expected.map(({ number }) => number));
  }));
});
