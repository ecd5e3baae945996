/** Tests of the plot. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { plotOf, plottedScenarios } from "./plot.ts";
import { resultOf } from "./sample.ts";

/** Returns the names of all elements. Fails if the document is not well-formed. */
function elementsOf(document: string): string[] {
  const names: string[] = [], open: (string | undefined)[] = [];
  const rest = document.replace(
    /<(\/?)([a-z]+)((?: [A-Za-z0-9:-]+="[^"<&]*(?:&(?:amp|lt|gt|quot);[^"<&]*)*")*)(\/?)>/g,
    (
      _tag,
      closing,
      name,
      _attributes,
      empty,
    ) => {
      if (closing === "/") assertEquals(open.pop(), name);
      else names.push(name);
      if (closing === "" && empty === "") open.push(name);
      return "";
    },
  );
  assertEquals(open, []);
  assert(!/[<>]|&(?!(?:amp|lt|gt|quot);)/.test(rest), rest);
  return names;
}

const servers = ["Tidings, memory", 'A <peer> & "another"'];
const rows = plottedScenarios().flatMap((scenario) =>
  servers.map((server, index) => ({
    scenario,
    server,
    results: [1, 2, 3].map((n) => resultOf(n * 1_000 * (index + 1) * scenario.plan.tabs)),
  }))
);

Deno.test("plotOf returns a well-formed document, whatever the names of the servers", () => {
  const names = elementsOf(plotOf(rows));
  assertEquals(names.filter((name) => name === "svg").length, 1);
  assertEquals(names.filter((name) => name === "polyline").length, 2 * servers.length);
});

Deno.test("plotOf draws a point per percentile and per number of tabs", () => {
  const lines = [...plotOf(rows).matchAll(/points="([^"]*)"/g)].map(([, points = ""]) => points.split(" "));
  assertEquals(lines.map((points) => points.length), [10, 10, 5, 5]);
  for (const point of lines.flat()) assert(/^\d+\.\d,\d+\.\d$/.test(point), point);
});

Deno.test("plotOf draws more deliveries higher", () => {
  const [, , tidings, peer] = [...plotOf(rows).matchAll(/points="([^"]*)"/g)].map(([, points = ""]) =>
    points
  );
  const height = (points = "") => Number(points.split(" ")[0]?.split(",")[1]);
  assert(height(peer) < height(tidings), `${tidings} ${peer}`); // y grows downwards
});

Deno.test("plotOf draws a chart even if a server has no results", () => {
  const empty = rows.map((row) => ({ ...row, results: [] }));
  elementsOf(plotOf(empty));
  elementsOf(plotOf([]));
});

Deno.test("plotOf has colours for light and dark pages", () => {
  assertStringIncludes(plotOf(rows), "prefers-color-scheme: dark");
});
