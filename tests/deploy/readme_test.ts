/** Tests of the operator's guide: its tables and the messages that it quotes are those of the code. */

import { assert, assertEquals } from "@std/assert";
import { z } from "zod";
import { Environment, VARIABLES } from "../../src/config/environment.ts";
import { prometheusText } from "../../src/metrics/prometheus.ts";
import { METRICS } from "../metrics/sample_metrics.ts";

const ROOT = new URL("../../", import.meta.url);
const guide = await Deno.readTextFile(new URL("deploy/README.md", ROOT));

/** Returns the cells of each row of the table with this header, without the padding of the columns. */
function rowsBelow(header: readonly string[], text = guide): string[][] {
  const tables = text.matchAll(/^(\|.*)\n\| -.*\n((?:\|.*\n)+)/gm);
  for (const [, head = "", rows = ""] of tables) {
    if (cellsOf(head).join() === header.join()) return rows.trimEnd().split("\n").map(cellsOf);
  }
  return [];
}

function cellsOf(row: string): string[] {
  return row.split("|").slice(1, -1).map((cell) => cell.trim());
}

/** The name with its labels, the type and the description of each metric, as `/metrics` gives them. */
function metrics(): string[][] {
  const text = prometheusText({ ...METRICS, refused: { 503: 1 } }); // so that each has a sample
  const families = text.matchAll(/^# HELP (\S+) (.+)\n# TYPE \S+ (\S+)\n(.*)$/gm);
  return Array.from(families, ([, name = "", help = "", type = "", sample = ""]) => {
    const labels = type === "histogram"
      ? []
      : Array.from(sample.matchAll(/[{,](\w+)=/g), ([, label]) => label);
    return [labels.length === 0 ? `\`${name}\`` : `\`${name}{${labels}}\``, type, help];
  });
}

/** The text of all source files and of what is shipped beside them, on one line each. */
async function sources(folder: URL): Promise<string> {
  const texts: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const url = new URL(isDirectory ? `${name}/` : name, folder);
    if (isDirectory) texts.push(await sources(url));
    else if (/\.(ts|conf|cfg|yaml)$/.test(name)) texts.push(await Deno.readTextFile(url));
  }
  return texts.join("\n");
}

Deno.test("The operator's guide has a row for every variable, with its default and its description", () => {
  const { properties = {} } = z.toJSONSchema(Environment, { io: "input" });
  const expected = Object.entries(properties).map(([name, schema]) => {
    const { default: text, description } = typeof schema === "object" ? schema : {};
    return [`\`${name}\``, text === undefined ? "" : `\`${text}\``, description];
  });
  assert(expected.length > 0);
  assertEquals<unknown>(rowsBelow(["variable", "default", "description"]), expected);
});

Deno.test("The operator's guide has a row for every metric, with its labels, its type and its description", () => {
  assertEquals(rowsBelow(["metric", "type", "description"]), metrics());
});

Deno.test("The operator's guide names no metric that does not exist", () => {
  const names = new Set(metrics().map(([name = ""]) => /\w+/.exec(name)?.[0]));
  const named = new Set(Array.from(guide.matchAll(/`(tidings_[a-z_]+)/g), ([, name]) => name));
  assertEquals([...named.difference(names)].filter((name) => name !== "tidings_token"), []); // the cookie
});

Deno.test("The operator's guide has a row for every alert", async () => {
  const rules = await Deno.readTextFile(new URL("deploy/prometheus/alerts.yaml", ROOT));
  const alerts = Array.from(rules.matchAll(/- alert: (\w+)/g), ([, name]) => `\`${name}\``);
  assertEquals(rowsBelow(["alert", "meaning"]).map(([name]) => name), alerts);
});

Deno.test("The operator's guide names no variable that does not exist", () => {
  const named = new Set(Array.from(guide.matchAll(/\bTIDINGS_[A-Z_]+\b(?!\*)/g), ([name]) => name));
  // The command line reads two of its own, Kubernetes sets TIDINGS_PORT, and TIDINGS_RETENTION_ is a prefix.
  const known = new Set([...VARIABLES, "TIDINGS_KEY", "TIDINGS_URL", "TIDINGS_PORT", "TIDINGS_RETENTION_"]);
  assertEquals([...named.difference(known)].filter((name) => name !== "TIDINGS_"), []);
});

Deno.test("The operator's guide quotes messages as the service says them", async () => {
  const [, troubles = ""] = guide.split("\n## Troubleshooting\n");
  const symptoms = troubles.split("\n").filter((line) => line.startsWith("| "))
    .map((line) => cellsOf(line)[0] ?? "");
  const quoted = symptoms.flatMap((cell) => Array.from(cell.matchAll(/`([^`]+)`/g), ([, text = ""]) => text))
    .filter((text) => text.split(" ").length > 2);
  assert(quoted.length > 20);
  const shipped = (await Promise.all(["src/", "deploy/"].map((folder) => sources(new URL(folder, ROOT)))))
    .join();
  assertEquals(quoted.filter((text) => !shipped.includes(text)), []);
});
