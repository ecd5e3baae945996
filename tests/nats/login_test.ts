/** NatsLink logs in by TLS, with a client certificate, and with a credentials file. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { nkeys } from "@nats-io/nats-core";
import { NatsLink } from "../../src/nats/link.ts";
import { parseNatsUrl } from "../../src/nats/nats_url.ts";
import { NatsServer, test } from "./nats_server.ts";

const CERTIFICATES = new URL("certificates/", import.meta.url).pathname;

async function open(url: string): Promise<NatsLink> {
  const parsed = parseNatsUrl(url);
  assert(parsed !== undefined, url);
  return await NatsLink.open(parsed, { name: "test", retryMs: 5, requestMs: 1_000, report: () => {} });
}

async function assertOpens(url: string): Promise<void> {
  await using link = await open(url);
  await link.connection.flush();
  assertEquals(link.isUp, true);
}

test("NatsLink verifies the server with the given CA, and presents a client certificate", async () => {
  const [ca, cert, key] = ["ca.pem", "server.pem", "server-key.pem"].map((file) => CERTIFICATES + file);
  const config = `tls { ca_file: "${ca}", cert_file: "${cert}", key_file: "${key}", verify: true }`;
  await using server = await NatsServer.started({ config });
  const client = `cert=${CERTIFICATES}client.pem&key=${CERTIFICATES}client-key.pem`;
  await assertOpens(`tls://${server.address}/?ca=${ca}&${client}`);
  await assertRejects(() => open(`tls://${server.address}/?${client}`), Error);
  await assertRejects(() => open(`tls://${server.address}/?ca=${ca}`), Error);
});

test("NatsLink refuses a server without TLS if the URL requires TLS", async () => {
  await using server = await NatsServer.started();
  await assertRejects(() => open(`tls://${server.address}`), Error);
});

test("NatsLink logs in with a credentials file", async () => {
  const operator = nkeys.createOperator(), user = nkeys.createUser();
  const account = nkeys.createAccount(), system = nkeys.createAccount();
  const unlimited = { subs: -1, data: -1, payload: -1 };
  const limits = { ...unlimited, imports: -1, exports: -1, wildcards: true, conn: -1, leaf: -1 };
  const jetstream = { mem_storage: -1, disk_storage: -1, streams: -1, consumer: -1 };
  const accountJwt = jwt(operator, account, { type: "account", limits: { ...limits, ...jetstream } });
  const systemJwt = jwt(operator, system, { type: "account", limits });
  const config = `operator: "${jwt(operator, operator, { type: "operator" })}"
resolver: MEMORY
system_account: ${system.getPublicKey()}
resolver_preload: { ${account.getPublicKey()}: "${accountJwt}", ${system.getPublicKey()}: "${systemJwt}" }`;
  await using server = await NatsServer.started({ config });
  const file = await Deno.makeTempFile();
  const seed = new TextDecoder().decode(user.getSeed());
  await Deno.writeTextFile(
    file,
    `-----BEGIN NATS USER JWT-----
${jwt(account, user, { type: "user", ...unlimited })}
------END NATS USER JWT------

-----BEGIN USER NKEY SEED-----
${seed}
------END USER NKEY SEED------
`,
  );
  await assertOpens(`nats://${server.address}/?credentials=${file}`);
  await assertRejects(() => open(`nats://${server.address}`), Error);
  await Deno.remove(file);
});

type KeyPair = ReturnType<typeof nkeys.createUser>;

function jwt(issuer: KeyPair, subject: KeyPair, nats: Record<string, unknown>): string {
  const encode = (part: unknown) =>
    bytesOf(JSON.stringify(part)).toBase64({ alphabet: "base64url", omitPadding: true });
  const claims = {
    jti: "test",
    iat: 1,
    iss: issuer.getPublicKey(),
    sub: subject.getPublicKey(),
    name: "test",
  };
  const text = `${encode({ typ: "JWT", alg: "ed25519-nkey" })}.${
    encode({ ...claims, nats: { version: 2, ...nats } })
  }`;
  return `${text}.${issuer.sign(bytesOf(text)).toBase64({ alphabet: "base64url", omitPadding: true })}`;
}

function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}
