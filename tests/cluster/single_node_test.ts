/** Alone: one node, as the contract has it for any number. */

import { SingleNode } from "../../src/cluster/single_node.ts";
import { nodesContract } from "../contracts/nodes.ts";

nodesContract("Alone", ({ connections, capacity }) => {
  const reported: unknown[] = [];
  const report = (error: unknown) => void reported.push(error);
  const nodes = new Map([[
    "here",
    new SingleNode("here", { connections: () => connections, capacity: () => capacity, report }),
  ]]);
  return Promise.resolve({ nodes, reported, [Symbol.asyncDispose]: () => Promise.resolve() });
});
