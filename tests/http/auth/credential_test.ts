/** findCredential and parseSubprotocols: the places of a token, and their order. */

import { assertEquals } from "@std/assert";
import { Hono } from "hono";
import { type Credential, findCredential } from "../../../src/http/auth/credential.ts";
import { parseSubprotocols } from "../../../src/http/subprotocol.ts";

interface Found {
  readonly credential: Credential | null;
  readonly subprotocols: string[];
}

async function find(path: string, headers: Record<string, string> = {}): Promise<Found> {
  const app = new Hono();
  app.get("/", (c) => c.json({ credential: findCredential(c), subprotocols: parseSubprotocols(c.req.raw) }));
  return await (await app.request(path, { headers })).json();
}

const QUERY = "/?access_token=in.the.query";
const COOKIE = { cookie: "theme=dark; tidings_token=in.the.cookie; lang=en" };
const SUBPROTOCOL = { "sec-websocket-protocol": "tidings.v1, tidings.bearer.in.the.subprotocol" };
const HEADER = { authorization: "Bearer in.the.header" };

const FOUND: readonly [string, string, Record<string, string>, Credential | null][] = [
  ["no token", "/", {}, null],
  ["a token in the header", "/", HEADER, { jwt: "in.the.header", from: "header" }],
  ["a token after a scheme in small letters", "/", { authorization: "bearer  x.y.z" }, {
    jwt: "x.y.z",
    from: "header",
  }],
  ["a token in a subprotocol", "/", SUBPROTOCOL, { jwt: "in.the.subprotocol", from: "subprotocol" }],
  ["a token in the only subprotocol", "/", { "sec-websocket-protocol": "tidings.bearer.x.y.z" }, {
    jwt: "x.y.z",
    from: "subprotocol",
  }],
  ["a token in the cookie", "/", COOKIE, { jwt: "in.the.cookie", from: "cookie" }],
  ["a token in the query", QUERY, {}, { jwt: "in.the.query", from: "query" }],
  ["an empty token in the query", "/?access_token=", {}, { jwt: "", from: "query" }],
  ["the header's token before all others", QUERY, { ...HEADER, ...SUBPROTOCOL, ...COOKIE }, {
    jwt: "in.the.header",
    from: "header",
  }],
  ["the subprotocol's before the cookie's and the query's", QUERY, { ...SUBPROTOCOL, ...COOKIE }, {
    jwt: "in.the.subprotocol",
    from: "subprotocol",
  }],
  ["the cookie's before the query's", QUERY, COOKIE, { jwt: "in.the.cookie", from: "cookie" }],
  ["no token in another cookie", "/", { cookie: "xtidings_token=x.y.z" }, null],
  ["no token after another scheme", "/", { authorization: "Basic x.y.z" }, null],
  ["no token in another subprotocol", "/", { "sec-websocket-protocol": "x.tidings.bearer.y" }, null],
];

for (const [what, path, headers, credential] of FOUND) {
  Deno.test(`findCredential finds ${what}`, async () => {
    assertEquals((await find(path, headers)).credential, credential);
  });
}

const OFFERED: readonly [string | undefined, string[]][] = [
  [undefined, []],
  [" ", []],
  ["tidings.v1", ["tidings.v1"]],
  ["a,b ,\tc,, ", ["a", "b", "c"]],
];

for (const [header, subprotocols] of OFFERED) {
  Deno.test(`parseSubprotocols finds ${subprotocols.length} in ${JSON.stringify(header)}`, async () => {
    const headers = header === undefined ? {} : { "sec-websocket-protocol": header };
    assertEquals((await find("/", headers)).subprotocols, subprotocols);
  });
}
