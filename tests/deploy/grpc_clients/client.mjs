// Runs in Node: calls PublisherService through a proxy with @grpc/grpc-js, and prints what happened.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";

const [address, key, folder, ca] = process.argv.slice(2);
const require = createRequire(import.meta.url); // Deno, which checks this file, has not these packages
const grpc = require("@grpc/grpc-js"), { loadSync } = require("@grpc/proto-loader");
const definition = loadSync("tidings/v1/publisher.proto", { includeDirs: [folder], keepCase: true });
const { PublisherService } = grpc.loadPackageDefinition(definition).tidings.v1;
const credentials = ca ? grpc.credentials.createSsl(readFileSync(ca)) : grpc.credentials.createInsecure();
const client = new PublisherService(address, credentials);
const gzip = { "grpc.default_compression_algorithm": grpc.compressionAlgorithms.gzip };
const compressing = new PublisherService(address, credentials, gzip);

/** Of google.rpc.Status, whose message is in the trailer grpc-status-details-bin: the type of the problem. */
function problemOf(metadata) {
  const [status] = metadata?.get("grpc-status-details-bin") ?? [];
  return status?.toString("latin1").match(/(?:urn:tidings:problem:|https:.+#)[a-z-]+/)?.[0] ?? null;
}

function call(method, request, { withKey = key, through = client, headers = {} } = {}) {
  const metadata = new grpc.Metadata();
  if (withKey) metadata.set("authorization", `Bearer ${withKey}`);
  for (const [name, value] of Object.entries(headers)) metadata.set(name, value);
  let resolve;
  const promise = new Promise((settle) => resolve = settle);
  const calling = through[method](
    request,
    metadata,
    (error, answer) =>
      resolve(
        error === null
          ? { answer }
          : { code: grpc.status[error.code], message: error.details, problem: problemOf(error.metadata) },
      ),
  );
  return Object.assign(promise, { cancel: () => calling.cancel() });
}

const data = { structValue: { fields: { title: { stringValue: "Hello" }, n: { numberValue: 1.5 } } } };
const hello = { target: "alexander", data };
const code = async (calling) => {
  const { code = "OK", problem = null } = await calling;
  return [code, problem];
};

const result = {
  notify: Object.keys((await call("Notify", hello)).answer).sort(),
  many: (await call("NotifyMany", { notifications: [hello, { everyone: true, data_json: "[1.10]" }] })).answer
    .notifications.length,
  idempotent: (await call("Notify", hello, { headers: { "idempotency-key": '"mine"' } })).answer.id,
  noKey: await code(call("Notify", hello, { withKey: null })),
  misfit: await code(call("Notify", { data })),
  conflict: await code(call("Notify", { target: "burr", data, id: "mine" })),
  tooLarge: await code(call("Notify", { target: "a", data_json: `"${"x".repeat(70_000)}"` })),
  overLimit: await code(call("Notify", { target: "a", data_json: `"${"x".repeat(1_100_000)}"` })),
  compressed: await code(call("Notify", hello, { through: compressing })),
};
const stream = client.Publish();
result.stream = await new Promise((resolve) => {
  stream.on("error", (error) => resolve([grpc.status[error.code], null]));
  stream.on("data", () => resolve("an answer"));
  stream.write({ notifications: [hello] });
});
result.cancelled = [];
for (let n = 0; n < 50; n++) {
  const calling = call("NotifyMany", {
    notifications: Array(10).fill({ target: "a", data_json: `"${"x".repeat(50_000)}"` }),
  });
  if (n % 2 === 0) await new Promise((resolve) => setImmediate(resolve));
  calling.cancel();
  result.cancelled.push((await calling).code ?? "OK");
}
result.cancelled = [...new Set(result.cancelled)].filter((code) => code !== "OK");
result.afterwards = await code(call("Notify", hello));
console.log(JSON.stringify(result));
client.close();
compressing.close();
