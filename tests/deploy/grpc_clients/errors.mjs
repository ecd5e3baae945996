// Runs in Node: makes calls one after the other with @grpc/grpc-js, and prints the error of each.
import { createRequire } from "node:module";

const [address, count, folder] = process.argv.slice(2);
const require = createRequire(import.meta.url); // Deno, which checks this file, has not these packages
const grpc = require("@grpc/grpc-js"), { loadSync } = require("@grpc/proto-loader");
const definition = loadSync("tidings/v1/publisher.proto", { includeDirs: [folder] });
const { PublisherService } = grpc.loadPackageDefinition(definition).tidings.v1;
const client = new PublisherService(address, grpc.credentials.createInsecure());
const errors = [];
for (let n = 0; n < Number(count); n++) {
  const error = await new Promise((resolve) => client.Notify({}, resolve));
  const [status] = error?.metadata.get("grpc-status-details-bin") ?? [];
  const type = status?.toString("latin1").match(/(?:urn:tidings:problem:|https:.+#)[a-z-]+/)?.[0] ?? null;
  errors.push({
    code: error?.code ?? 0,
    message: error?.details,
    type,
    retryAfter: error?.metadata.get("retry-after"),
  });
}
console.log(JSON.stringify(errors));
client.close();
