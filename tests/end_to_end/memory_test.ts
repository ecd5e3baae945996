/** A node whose memory is filled by a browser: it sheds all connections, lives on, and loses nothing. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { eventually } from "../eventually.ts";
import { PublisherPeer } from "./publisher_peer.ts";
import { ServiceProcess } from "./service_process.ts";
import { OPCODE, RawSocket } from "./raw_socket.ts";
import { Tab } from "./tab.ts";

const LIMIT = 384 * 1024 * 1024;
const FRAGMENT = " ".repeat(1024 * 1024);

for (const path of ["/v1/connect?target=burr", "/v1/publish"]) {
  Deno.test(`The service survives a message of endless fragments on ${path}, and its tabs resume`, async () => {
    await using service = await ServiceProcess.start({ TIDINGS_MAX_MEMORY_BYTES: `${LIMIT}` });
    const { tab, welcome } = await Tab.open(service.port, { target: "alexander" });
    const publisher = await PublisherPeer.open(service.port);
    using hostile = await RawSocket.connect(service.port, path);
    await hostile.send(OPCODE.text, "[", { fin: false });
    for (let sent = 0; sent < LIMIT; sent += FRAGMENT.length) {
      const isOpen = await hostile.send(OPCODE.continuation, FRAGMENT, { fin: false }).then(
        () => true,
        () => false,
      );
      if (!isOpen) break;
    }
    assertEquals((await tab.closed).code, 4100);
    assertEquals((await publisher.closed).code, 4100);
    await eventually(
      () =>
        fetch(`${service.url}/readyz`).then(
          (response) => response.body?.cancel().then(() => response.ok) ?? false,
          () => false,
        ),
      "a ready node",
    );
    assert(await service.residentMemory() < LIMIT / 2, "the fragments are freed");
    assertStringIncludes(service.output, "memory is short");
    await service.notify({ target: "alexander", data: "meanwhile" });
    const { tab: resumed } = await Tab.open(service.port, { target: "alexander", after: welcome.position });
    assertEquals(await resumed.data(1), ["meanwhile"]);
    const metrics = await (await fetch(`${service.url}/metrics`)).text();
    assertStringIncludes(metrics, "\ntidings_sheds_total 1\n");
  });
}
