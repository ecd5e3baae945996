/** Benchmarks of responses with a body and a status other than 200. */

const TEXT = JSON.stringify({ id: crypto.randomUUID(), position: "00000000-00000000001" });
const headers = { "content-type": "application/json" };

Deno.bench("a Response of 200 with a text", { group: "responses", baseline: true }, () => {
  new Response(TEXT, { status: 200, headers });
});

Deno.bench("a Response of 202 with a text", { group: "responses" }, () => {
  new Response(TEXT, { status: 202, headers });
});

Deno.bench("a Response of 202 without a body", { group: "responses" }, () => {
  new Response(null, { status: 202 });
});
