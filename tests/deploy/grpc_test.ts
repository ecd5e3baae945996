/** gRPC through the shipped Envoy, and Connect: clients of three languages publish, and learn why they are refused. */

import { stop, transform } from "esbuild";
import { assertEquals, assertStringIncludes } from "@std/assert";
import { connectErrorResponse } from "../../src/http/routes/rpc_errors.ts";
import { CODES } from "../../src/sources/rpc/connect_error.ts";
import { KINDS, Problem, type ProblemKind } from "../../src/wire/problem.ts";
import { findProgram, type TestProgram } from "../find_program.ts";
import { createPublisherClient } from "../sources/rpc/rpc_clients.ts";
import { FakeNode } from "./fake_node.ts";
import { PUBLISHER_KEY, startNode } from "./nodes.ts";
import { NpmProject } from "./npm_project.ts";
import { ENVOY } from "./programs.ts";
import { Proxy } from "./proxy.ts";
import { CERTIFICATES, TlsProxy } from "./tls_proxy.ts";

const HOME = Deno.env.get("HOME") ?? "";
const PROTO = new URL("../../src/sources/rpc/", import.meta.url).pathname;
const CLIENTS = new URL("./grpc_clients/", import.meta.url);
const PACKAGES = [
  "@grpc/grpc-js@1.14.7",
  "@grpc/proto-loader@0.8.1",
  "@connectrpc/connect-node@2.3.0",
  "@connectrpc/connect@2.3.0",
  "@bufbuild/protobuf@2.17.0",
];
const PYTHON = findProgram("Python with grpcio", {
  variable: "GRPC_PYTHON",
  defaultPath: `${HOME}/.local/share/tidings-grpc/bin/python3`,
});
const GRPCURL = findProgram("grpcurl", { variable: "GRPCURL", defaultPath: `${HOME}/go/bin/grpcurl` });
const npm = await NpmProject.install(PACKAGES, "gRPC and Connect on Node");

/** What each client of gRPC prints. */
const EXPECTED = {
  notify: ["expires", "id", "position"],
  many: 2,
  idempotent: "mine",
  noKey: ["UNAUTHENTICATED", "urn:tidings:problem:not-authorized"],
  misfit: ["INVALID_ARGUMENT", "urn:tidings:problem:does-not-fit"],
  conflict: ["ALREADY_EXISTS", "urn:tidings:problem:id-conflict"],
  tooLarge: ["RESOURCE_EXHAUSTED", "urn:tidings:problem:too-large"],
  overLimit: ["RESOURCE_EXHAUSTED", null], // refused by Envoy
  compressed: ["UNIMPLEMENTED", "urn:tidings:problem:unsupported-encoding"],
  stream: ["UNIMPLEMENTED", null],
  cancelled: ["CANCELLED"],
  afterwards: ["OK", null],
};

const NODE: TestProgram = { path: "node", test: npm === null ? Deno.test.ignore : Deno.test };

/** Defines tests that need all of the programs. */
function needing(...programs: readonly TestProgram[]): Pick<TestProgram, "test"> {
  return { test: programs.every(({ test }) => test === Deno.test) ? Deno.test : Deno.test.ignore };
}

const onNode = needing(ENVOY, NODE), inPython = needing(ENVOY, PYTHON), inShell = needing(ENVOY, GRPCURL);

/** Runs one of the programs in Node, and returns what it prints. */
async function runOnNode(name: string, args: readonly string[]): Promise<unknown> {
  if (npm === null) throw new Error("npm has not installed the packages");
  await npm.write(name, await Deno.readTextFile(new URL(name, CLIENTS)));
  const { success, stdout, stderr } = await npm.run(NODE.path, [name, ...args]);
  assertEquals(success, true, stderr);
  return JSON.parse(stdout);
}

async function run(program: string, args: readonly string[]): Promise<{ success: boolean; output: string }> {
  const { success, stdout, stderr } = await new Deno.Command(program, { args: [...args] }).output();
  const decoder = new TextDecoder();
  return { success, output: decoder.decode(stdout) + decoder.decode(stderr) };
}

onNode.test("Envoy has @grpc/grpc-js publish, and tells it why not", async () => {
  await using node = await startNode();
  await using proxy = await Proxy.start(ENVOY, [node.port, node.port, node.port]);
  const args = [`127.0.0.1:${proxy.port}`, PUBLISHER_KEY, PROTO];
  assertEquals(await runOnNode("client.mjs", args), EXPECTED);
});

onNode.test("Envoy has @grpc/grpc-js publish over TLS", async () => {
  await using node = await startNode();
  await using proxy = await TlsProxy.start(ENVOY, node.port);
  const args = [new URL(proxy.url).host, PUBLISHER_KEY, PROTO, `${CERTIFICATES}ca.pem`];
  assertEquals(await runOnNode("client.mjs", args), EXPECTED);
});

inPython.test("Envoy has grpcio publish, and tells it why not", async () => {
  await using node = await startNode();
  await using proxy = await Proxy.start(ENVOY, [node.port, node.port, node.port]);
  const args = [new URL("client.py", CLIENTS).pathname, `127.0.0.1:${proxy.port}`, PUBLISHER_KEY, PROTO];
  const { success, output } = await run(PYTHON.path, args);
  assertEquals(success, true, output);
  assertEquals(JSON.parse(output), EXPECTED);
});

inShell.test("Envoy has grpcurl publish, which reads publisher.proto", async () => {
  await using node = await startNode();
  await using proxy = await Proxy.start(ENVOY, [node.port, node.port, node.port]);
  const call = (body: string, ...options: string[]) =>
    run(GRPCURL.path, [
      ...[
        "-plaintext",
        "-import-path",
        PROTO,
        "-proto",
        "tidings/v1/publisher.proto",
        "-d",
        body,
        ...options,
      ],
      ...[`127.0.0.1:${proxy.port}`, "tidings.v1.PublisherService/Notify"],
    ]);
  const key = ["-H", `authorization: Bearer ${PUBLISHER_KEY}`];
  const { success, output } = await call('{"target":"alexander","data":{"title":"Hello"},"id":"1"}', ...key);
  assertEquals([success, JSON.parse(output).id], [true, "1"]);
  const refused = await call('{"target":"alexander"}', ...key);
  assertStringIncludes(refused.output, "Code: InvalidArgument");
  assertStringIncludes(refused.output, '"type": "urn:tidings:problem:does-not-fit"');
});

inShell.test("Envoy tells grpcurl at once that there is no server reflection", async () => {
  await using node = await startNode();
  await using proxy = await Proxy.start(ENVOY, [node.port, node.port, node.port]);
  const args = ["-plaintext", "-max-time", "20", `127.0.0.1:${proxy.port}`, "list"];
  const { success, output } = await run(GRPCURL.path, args);
  assertEquals(success, false);
  assertStringIncludes(output, "server does not support the reflection API");
});

onNode.test("Envoy gives each kind of problem its code, its message and its details", async () => {
  const kinds = Object.keys(KINDS).filter((kind): kind is ProblemKind => kind in KINDS);
  const problems = kinds.map((kind) =>
    new Problem(kind, `ü: 100 % ${kind}`, { headers: kind === "unavailable" ? { "retry-after": "7" } : {} })
  );
  const answers = problems.map(connectErrorResponse).values();
  await using node = new FakeNode(() => answers.next().value ?? new Response());
  await using proxy = await Proxy.start(ENVOY, [node.port, node.port, node.port]);
  const args = [`127.0.0.1:${proxy.port}`, `${kinds.length}`, PROTO];
  assertEquals(
    await runOnNode("errors.mjs", args),
    problems.map(({ kind, message, type }) => ({
      code: CODES[kind],
      message,
      type,
      retryAfter: kind === "unavailable" ? ["7"] : [],
    })),
  );
});

onNode.test("Envoy answers for nodes that it cannot reach, or that answer something else", async () => {
  const codeOf = async (ports: readonly number[]) => {
    await using proxy = await Proxy.start(ENVOY, ports);
    return await runOnNode("errors.mjs", [`127.0.0.1:${proxy.port}`, "1", PROTO]);
  };
  const page = () => new Response("<html>", { status: 502, headers: { "content-type": "text/html" } });
  await using node = new FakeNode(page);
  assertEquals(await codeOf([node.port, node.port, node.port]), [
    { code: 14, message: "HTTP status 502", type: null, retryAfter: [] },
  ]);
});

for (const way of ["Connect in binary", "gRPC-Web in binary"] as const) {
  for (const [version, options] of [["HTTP/1.1", { http2: false }], ["HTTP/2", { http1: false }]] as const) {
    ENVOY.test(`Envoy forwards calls and streams by ${way} over ${version}`, async () => {
      await using node = await startNode();
      await using proxy = await Proxy.start(ENVOY, [node.port, node.port, node.port]);
      using http = Deno.createHttpClient(options);
      const client = createPublisherClient({
        way,
        baseUrl: proxy.url,
        key: PUBLISHER_KEY,
        fetch: (request) => fetch(request, { client: http }),
      });
      const one = { target: "alexander", content: { case: "dataJson", value: "1" } } as const;
      assertEquals((await client.notifyMany({ notifications: [one, one] })).notifications.length, 2);
      const next = Promise.withResolvers<void>();
      async function* requests() {
        yield { notifications: [one] };
        await next.promise; // so that the first answer must come while the stream goes on
        yield { notifications: [{ ...one, target: "" }] };
      }
      const answers = client.publish(requests())[Symbol.asyncIterator]();
      assertEquals((await answers.next()).value?.notifications.length, 1);
      next.resolve();
      assertEquals((await answers.next()).value?.problem?.status, 422);
      assertEquals((await answers.next()).done, true);
    });
  }
}

NODE.test("@connectrpc/connect-node publishes, and cancels 50 calls, over HTTP/1.1 and HTTP/2", async () => {
  await using node = await startNode();
  const messages = await Deno.readTextFile(`${PROTO}tidings/v1/publisher_pb.ts`);
  await npm?.write("publisher_pb.js", (await transform(messages, { loader: "ts" })).code);
  await stop();
  const outcome = {
    cancelled: ["Canceled"],
    notify: true,
    many: 2,
    stream: [2, 2, 2],
    misfit: "InvalidArgument",
  };
  assertEquals(await runOnNode("connect.mjs", [node.url, PUBLISHER_KEY]), {
    "Connect 1.1": outcome,
    "Connect 2": outcome,
    "gRPC-Web 1.1": outcome,
    "gRPC-Web 2": outcome,
  });
});
