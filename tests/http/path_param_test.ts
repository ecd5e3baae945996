/** pathParam: decodes a segment of the path exactly, or refuses it. */

import { assertEquals, assertThrows } from "@std/assert";
import * as fc from "fast-check";
import { Hono } from "hono";
import { pathParam } from "../../src/http/path_param.ts";
import { Problem } from "../../src/wire/problem.ts";
import { Target } from "../../src/wire/names.ts";

/** The target that the route reads from the path. */
async function read(path: string): Promise<string> {
  const app = new Hono();
  let readTarget = () => "no route";
  app.get("/v1/targets/:target/connections", (c) => {
    readTarget = () => pathParam(c, "target");
    return c.text("");
  });
  await app.request(path);
  return readTarget();
}

const TARGETS = [
  "alexander",
  "a/b",
  "%",
  "%41",
  "a%2Fb",
  "a b",
  "+",
  "?#&=",
  "é",
  "🗽",
  "...",
  "\\",
  ":target",
  "*",
  "//",
];

for (const target of TARGETS) {
  Deno.test(`pathParam decodes ${JSON.stringify(target)}`, async () => {
    assertEquals(await read(`/v1/targets/${encodeURIComponent(target)}/connections`), target);
    assertEquals(await read(`/v1/targets/${encodeURIComponent(target)}/connections?a=/b/c#/d`), target);
    const bytes = [...new TextEncoder().encode(target)];
    const all = bytes.map((byte) => `%${byte.toString(16).padStart(2, "0")}`).join("");
    if (!target.startsWith("..")) assertEquals(await read(`/v1/targets/${all}/connections`), target);
  });
}

Deno.test("pathParam decodes every valid target", async () => {
  const target = fc.string({ unit: "grapheme", minLength: 1, maxLength: 100 }).filter((text) =>
    Target.safeParse(text).success
  );
  await fc.assert(fc.asyncProperty(target, async (target) => {
    assertEquals(await read(`/v1/targets/${encodeURIComponent(target)}/connections`), target);
  }));
});

const BAD = ["%zz", "%", "%ff", "a%", "%C3", "%E2%82", "%00", "%0a", "a".repeat(257), "%ED%A0%80"];

for (const segment of BAD) {
  Deno.test(`pathParam refuses ${segment.slice(0, 20)}`, async () => {
    const app = new Hono();
    let problem: unknown;
    app.get("/v1/targets/:target/connections", (c) => {
      problem = assertThrows(() => pathParam(c, "target"), Problem);
      return c.text("");
    });
    await app.request(`/v1/targets/${segment}/connections`);
    assertEquals(problem instanceof Problem && problem.kind, "bad-request");
  });
}
