/** SingleNode fulfils the contract of the nodes port with one node. */

import { SingleNode } from "../../src/cluster/single_node.ts";
import { nodesContract } from "../contracts/nodes.ts";

nodesContract("SingleNode", ({ connections, capacity }) => {
  const reported: unknown[] = [];
  const report = (error: unknown) => void reported.push(error);
  const nodes = new Map([[
    "n1",
    new SingleNode("n1", { connections: () => connections, capacity: () => capacity, report }),
  ]]);
  return Promise.resolve({ nodes, reported, [Symbol.asyncDispose]: () => Promise.resolve() });
});
