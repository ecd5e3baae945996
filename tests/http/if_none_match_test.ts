/** matchesEtag: whether an If-None-Match header lists an entity tag. */

import { assertEquals } from "@std/assert";
import { matchesEtag } from "../../src/http/if_none_match.ts";

const STRONG = '"one"', WEAK = 'W/"one"';

Deno.test("matchesEtag finds a tag alone, in a list, and by the star", () => {
  for (const header of ['"one"', '"other", "one"', '"other","one" , "third"', '"a, b", "one"', "*"]) {
    assertEquals(matchesEtag(STRONG, header), true, header);
  }
});

Deno.test("matchesEtag compares weak and strong tags by their text alone", () => {
  for (const [etag, header] of [[STRONG, WEAK], [WEAK, STRONG], [WEAK, WEAK], [STRONG, '"a", W/"one"']]) {
    assertEquals(matchesEtag(etag ?? "", header), true, header);
  }
});

Deno.test("matchesEtag matches neither a part of a tag nor malformed tags", () => {
  for (
    const header of ['"one two"', '"on"', '"ONE"', '""', "one", "'one'", "", '"*"', '"two, one", *', '"one']
  ) {
    assertEquals(matchesEtag(STRONG, header), false, header);
  }
  assertEquals(matchesEtag(STRONG, undefined), false);
});
