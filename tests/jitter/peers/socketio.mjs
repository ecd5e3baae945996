/** A peer: Node with Socket.IO and its connection state recovery. The folder of its packages is the second argument. */

import { createServer } from "node:http";
import { createRequire } from "node:module";

const [, , port, folder] = process.argv;
const { Server } = createRequire(`${folder}/`)("socket.io");

const server = createServer((request, response) => {
  if (request.url !== "/notify") return; // Socket.IO answers
  let text = "";
  request.setEncoding("utf8");
  request.on("data", (piece) => text += piece);
  request.on("end", () => {
    io.to("stream").emit("message", JSON.parse(text).data);
    response.writeHead(202, { "content-length": 0 }).end();
  });
});

const io = new Server(server, {
  transports: ["websocket"],
  connectionStateRecovery: { maxDisconnectionDuration: 120_000 }, // the default
});
io.on("connection", (socket) => {
  if (!socket.recovered) socket.join("stream");
});
server.listen(Number(port), "127.0.0.1");
