/** Generates attacks: upgrades that are right, nearly right or wrong, and frames that are each of that. */

import * as fc from "fast-check";
import { anyJson, valuesOf } from "../json/schema_values.ts";
import { nearlyJson } from "../json/mutations.ts";
import type { ApiDocument } from "../routes/api_document.ts";
import { CREDENTIALS } from "../service/secrets.ts";
import type { Attack, Opening, Payload, Step } from "./attack.ts";
import { brokenHttp } from "./broken_http.ts";

const MAX_STEPS = 12;
const OPCODES = [0, 1, 2, 3, 7, 8, 9, 10, 11, 15];

/** Lengths that a header may claim: around the limits of the service and of Deno, and beyond 53 bits. */
const CLAIMS = [0, 1, 125, 126, 65_535, 65_536, 65_537, 2 ** 26, 2 ** 31, 2 ** 53, 2 ** 63];

/** Headers of an upgrade, each with values that are wrong or unusual. */
const HEADERS: Readonly<Record<string, readonly (string | null)[]>> = {
  upgrade: [null, "WebSocket", "h2c", "websocket, x", "x, websocket", ",websocket,", "websocke", ""],
  connection: [null, "upgrade", "keep-alive, Upgrade", "close", "Upgrade, Upgrade", ""],
  "sec-websocket-version": [null, "12", "13, 8", "013", "", "13.0"],
  "sec-websocket-key": [null, "", "x", "AAAAAAAAAAAAAAAAAAAAAA==", "AAAAAAAAAAAAAAAAAAAAAA", "a,b"],
  "sec-websocket-protocol": [
    ...[
      "tidings.v1",
      "tidings.v2",
      "tidings.v1,tidings.v1",
      "tidings.publish.v1",
      ",",
      "",
      "tidings.bearer.",
    ],
    ...[
      "tidings.v1, tidings.bearer.x",
      "tidings.publish.v1,tidings.key.x",
      "tidings.publish.v1, tidings.key.4pyT",
    ],
  ],
  "sec-websocket-extensions": ["permessage-deflate", "permessage-deflate; client_max_window_bits", "x", ""],
  origin: ["http://127.0.0.1", "https://evil.example", "null", ""],
  host: [null, "", "x/y", "127.0.0.1", "[::1]:80", "a b", "x?y"],
  "content-length": ["0", "5", "-1", "x"],
  "transfer-encoding": ["chunked", "x"],
};

const headers = fc.array(
  fc.constantFrom(...Object.entries(HEADERS)).chain(([name, values]) =>
    fc.constantFrom(...values).map((value) => [name, value] as const)
  ),
  { minLength: 1, maxLength: 2 },
).map((entries): Readonly<Record<string, string | null>> => Object.fromEntries(entries));

const rightOpenings: fc.Arbitrary<Opening> = fc.constantFrom(
  { route: "/v1/connect", credential: "token", query: "", headers: {} } as const,
  { route: "/v1/publish", credential: "all", query: "", headers: {} } as const,
);

const nearlyRightOpenings: fc.Arbitrary<Opening> = fc.record({
  route: fc.constantFrom("/v1/connect", "/v1/publish", "/v1/events"),
  credential: fc.constantFrom(...CREDENTIALS),
  query: fc.constantFrom(
    "",
    "",
    "?after=earliest",
    "?after=",
    "?after=k3v9x0ab-0000000000f",
    "?after=%",
    "?target=x",
  ),
  headers: fc.oneof(fc.constant({}), headers),
});

const openings: fc.Arbitrary<Opening> = fc.oneof(
  { weight: 12, arbitrary: rightOpenings },
  { weight: 5, arbitrary: nearlyRightOpenings },
  { weight: 3, arbitrary: fc.record({ text: brokenHttp }) },
);

/** Also what is no UTF-8: cut, too long, a surrogate, beyond Unicode. */
const hexes = fc.oneof(
  fc.constantFrom(
    "ff",
    "c0af",
    "eda080",
    "f4908080",
    "e28c",
    "5b7b22ff227d5d",
    "03e8",
    "0000",
    "03ed",
    "0fa1",
    "03e8ff",
    "ffff",
  ),
  fc.uint8Array({ maxLength: 200 }).map((bytes) => bytes.toHex()),
);

function payloadsOf(texts: fc.Arbitrary<string>): fc.Arbitrary<Payload> {
  const large = fc.constantFrom(65_536, 65_537, 300_000).map((length) => ({
    text: `"${"x".repeat(length - 2)}"`,
  }));
  return fc.oneof(
    { weight: 12, arbitrary: fc.record({ text: texts }) },
    { weight: 4, arbitrary: fc.record({ hex: hexes }) },
    { weight: 1, arbitrary: large },
  );
}

function stepsOf(texts: fc.Arbitrary<string>): fc.Arbitrary<Step> {
  const payload = payloadsOf(texts);
  const seldom = <T>(usual: T, ...others: readonly T[]) =>
    fc.oneof({ weight: 9, arbitrary: fc.constant(usual) }, {
      weight: 1,
      arbitrary: fc.constantFrom(usual, ...others),
    });
  const frame = fc.record({
    do: fc.constant("frame" as const),
    opcode: fc.oneof({ weight: 6, arbitrary: fc.constant(1) }, fc.constantFrom(...OPCODES)),
    fin: seldom(true, false),
    rsv: seldom(0, 1, 2, 4, 7),
    isMasked: seldom(true, false),
    lengthBytes: seldom<0 | 2 | 8 | null>(null, 2, 8),
    claims: seldom<number | null>(null, ...CLAIMS),
    payload,
  });
  return fc.oneof(
    { weight: 10, arbitrary: frame },
    {
      weight: 2,
      arbitrary: fc.record({
        do: fc.constant("fragments" as const),
        payload,
        sizes: fc.array(fc.nat({ max: 40 }), { minLength: 1, maxLength: 5 }),
      }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("bytes" as const), hex: hexes }) },
    {
      weight: 1,
      arbitrary: fc.record({
        do: fc.constant("burst" as const),
        text: texts,
        count: fc.integer({ min: 2, max: 80 }),
      }),
    },
  );
}

/** What browsers and publishers send, from the schemas, mostly with changes. */
function textsOf({ schemas }: ApiDocument): fc.Arbitrary<string> {
  const of = (name: string) => valuesOf({ $ref: name }, schemas);
  return nearlyJson(fc.oneof(
    { weight: 4, arbitrary: of("BrowserMessages") },
    { weight: 2, arbitrary: of("BrowserMessage") },
    { weight: 5, arbitrary: of("NotifyOneOrMany") },
    { weight: 1, arbitrary: anyJson },
  ));
}

export function attacksOn(document: ApiDocument): fc.Arbitrary<Attack> {
  return fc.record({
    opening: openings,
    steps: fc.array(stepsOf(textsOf(document)), { maxLength: MAX_STEPS, size: "max" }),
    end: fc.constantFrom("fin", "fin", "at once"),
  });
}
