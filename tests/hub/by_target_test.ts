/** Tests that a connection is found from when it is added until it is deleted. */

import { assertEquals } from "@std/assert";
import { ByTarget } from "../../src/hub/by_target.ts";

const [tab, phone, other] = [{ target: "alexander" }, { target: "alexander" }, { target: "burr" }];

Deno.test("ByTarget holds the connections that were added and not deleted, whether a target has one or many", () => {
  const connections = new ByTarget<{ target: string }>();
  for (const connection of [tab, other, phone]) connections.add(connection);
  assertEquals([...connections.of("alexander")], [tab, phone]);
  assertEquals([...connections.all()], [tab, phone, other]);
  connections.delete(tab);
  assertEquals([...connections.of("alexander")].map((left) => left === phone), [true]);
  connections.add(tab);
  for (const connection of [phone, tab]) connections.delete(connection);
  assertEquals([...connections.of("alexander")], []);
  assertEquals([...connections.all()].map((left) => left === other), [true]);
});

Deno.test("ByTarget.delete does nothing for a connection that is not there", () => {
  const connections = new ByTarget<{ target: string }>();
  connections.delete(tab);
  connections.add(phone);
  connections.delete(tab);
  assertEquals([...connections.of("alexander")].map((left) => left === phone), [true]);
});
