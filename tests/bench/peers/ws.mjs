/** A peer: Node with the package ws, whose folder is the second argument. */

import { createServer } from "node:http";
import { createRequire } from "node:module";

const [, , port, folder] = process.argv;
const { WebSocketServer } = createRequire(import.meta.url)(folder);
const socketsOf = new Map();

function publish({ target, data }) {
  const sockets = socketsOf.get(target);
  if (sockets === undefined) return;
  const text = JSON.stringify(data);
  for (const socket of sockets) socket.send(text);
}

const server = createServer((request, response) => {
  let text = "";
  request.setEncoding("utf8");
  request.on("data", (piece) => text += piece);
  request.on("end", () => {
    const body = JSON.parse(text);
    for (const notification of Array.isArray(body) ? body : [body]) publish(notification);
    response.writeHead(202, { "content-length": 0 }).end();
  });
});

new WebSocketServer({ server, path: "/connect", perMessageDeflate: false }).on(
  "connection",
  (socket, request) => {
    const target = new URL(request.url, "http://localhost").searchParams.get("target");
    const sockets = socketsOf.get(target) ?? new Set();
    socketsOf.set(target, sockets.add(socket));
    socket.on("close", () => {
      sockets.delete(socket);
      if (sockets.size === 0 && socketsOf.get(target) === sockets) socketsOf.delete(target);
    });
  },
);
server.listen(Number(port), "127.0.0.1");
