/** A peer: Bun with its native publish and subscribe. */

const encode = (data) => JSON.stringify(data);

const server = Bun.serve({
  hostname: "127.0.0.1",
  port: Number(process.argv[2]),
  websocket: {
    open: (socket) => socket.subscribe(socket.data.target),
    message() {},
  },
  async fetch(request) {
    const url = new URL(request.url);
    if (url.pathname === "/connect") {
      const isUpgraded = server.upgrade(request, { data: { target: url.searchParams.get("target") } });
      return isUpgraded ? undefined : new Response(null, { status: 400 });
    }
    const body = await request.json();
    for (const { target, data } of Array.isArray(body) ? body : [body]) server.publish(target, encode(data));
    return new Response(null, { status: 202 });
  },
});
