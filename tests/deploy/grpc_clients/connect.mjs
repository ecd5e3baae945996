// Runs in Node: publishes with @connectrpc/connect-node, over HTTP/1.1 and HTTP/2, and prints what happened.

/** By variables, because Deno, which checks this file, has not these modules. */
const MODULES = {
  connect: "@connectrpc/connect",
  node: "@connectrpc/connect-node",
  messages: "./publisher_pb.js",
};
const { Code, ConnectError, createClient } = await import(MODULES.connect);
const { createConnectTransport, createGrpcWebTransport } = await import(MODULES.node);
const { PublisherService } = await import(MODULES.messages);
const [baseUrl, key] = process.argv.slice(2);
const withKey = (next) => (request) => {
  request.header.set("authorization", `Bearer ${key}`);
  return next(request);
};
const hello = { target: "alexander", content: { case: "dataJson", value: "[1.10]" } };
const large = { ...hello, content: { case: "dataJson", value: `"${"x".repeat(50_000)}"` } };

async function use(createTransport, httpVersion) {
  const client = createClient(
    PublisherService,
    createTransport({ baseUrl, httpVersion, interceptors: [withKey] }),
  );
  const codes = new Set();
  for (let n = 0; n < 50; n++) {
    const cancel = new AbortController();
    const calling = client.notifyMany({ notifications: Array(10).fill(large) }, { signal: cancel.signal });
    if (n % 2 === 0) await new Promise((resolve) => setImmediate(resolve));
    cancel.abort();
    await calling.then(() => {}, (error) => codes.add(Code[ConnectError.from(error).code]));
    // Over HTTP/2, Deno ends a connection on which 20 calls were cancelled before it has seen any of them.
    if (n % 10 === 9) await client.notify(hello);
  }
  async function* requests() {
    for (let n = 0; n < 3; n++) yield { notifications: [hello, hello] };
  }
  const answers = await collect(client.publish(requests()));
  return {
    cancelled: [...codes],
    notify: (await client.notify(hello)).id !== "",
    many: (await client.notifyMany({ notifications: [hello, hello] })).notifications.length,
    stream: answers.map(({ notifications }) => notifications.length),
    misfit: await client.notify({ target: "a" }).catch(({ code }) => Code[code]),
  };
}

async function collect(iterable) {
  const all = [];
  for await (const one of iterable) all.push(one);
  return all;
}

const result = {};
for (const [name, create] of [["Connect", createConnectTransport], ["gRPC-Web", createGrpcWebTransport]]) {
  for (const version of ["1.1", "2"]) result[`${name} ${version}`] = await use(create, version);
}
console.log(JSON.stringify(result));
process.exit();
