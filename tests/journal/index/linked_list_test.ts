/** Chain: the order of arrival, with departures from anywhere. */

import { assertEquals } from "@std/assert";
import * as fc from "fast-check";
import { LinkedList, type ListNode } from "../../../src/journal/index/linked_list.ts";

interface Numbered extends ListNode {
  readonly number: number;
}

Deno.test("Chain keeps the order of arrival, whichever of its links leave", () => {
  const program = fc.array(fc.option(fc.nat({ max: 20 })), { maxLength: 60 }); // null: one more comes; n: the n-th leaves
  fc.assert(fc.property(program, (steps) => {
    const chain = new LinkedList<Numbered>();
    const expected: Numbered[] = [];
    for (const [number, leaving] of steps.entries()) {
      const link: Numbered = { number };
      if (leaving === null) {
        chain.append(link);
        expected.push(link);
      } else {
        for (const left of expected.splice(leaving, 1)) chain.remove(left);
      }
      assertEquals(chain.first?.number, expected[0]?.number);
    }
    const rest: number[] = [];
    for (let link = chain.first; link !== undefined; link = chain.first) {
      rest.push(link.number);
      chain.remove(link);
    }
    assertEquals(rest, expected.map(({ number }) => number));
  }));
});
