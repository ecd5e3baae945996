/** isKnown: whether an If-None-Match names an entity tag. */

import { assertEquals } from "@std/assert";
import { isKnown } from "../../src/http/if_none_match.ts";

const STRONG = '"one"', WEAK = 'W/"one"';

Deno.test("isKnown finds a tag alone, in a list, and behind the star that stands for any", () => {
  for (const known of ['"one"', '"other", "one"', '"other","one" , "third"', '"a, b", "one"', "*"]) {
    assertEquals(isKnown(STRONG, known), true, known);
  }
});

Deno.test("isKnown takes a weak tag for the strong one that has the same text, and the other way round", () => {
  for (const [etag, known] of [[STRONG, WEAK], [WEAK, STRONG], [WEAK, WEAK], [STRONG, '"a", W/"one"']]) {
    assertEquals(isKnown(etag ?? "", known), true, known);
  }
});

Deno.test("isKnown takes no tag for another that it is a part of, nor what is no tag at all", () => {
  for (
    const known of ['"one two"', '"on"', '"ONE"', '""', "one", "'one'", "", '"*"', '"two, one", *', '"one']
  ) {
    assertEquals(isKnown(STRONG, known), false, known);
  }
  assertEquals(isKnown(STRONG, undefined), false);
});
