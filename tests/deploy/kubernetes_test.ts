/** Tests of the Kubernetes manifests: probes, ports, grace periods and replicas. */

import { assert, assertEquals, assertLess, assertStringIncludes } from "@std/assert";
import { configFrom } from "../../src/config/config.ts";
import { parseNatsUrl } from "../../src/nats/nats_url.ts";
import { OPERATIONS } from "../../src/reference/openapi.ts";
import { findProgram } from "../find_program.ts";
import { createTestApp } from "../http/test_app.ts";

const SECRETS = {
  HOST: "0.0.0.0",
  TIDINGS_PUBLISHER_KEYS: "key",
  TIDINGS_TOKEN_SECRET: "a secret of 32 bytes, or of more",
};

/** The routes that need no publisher key, of those that the API reference describes as subscribers'. */
const FOR_BROWSERS = new Set(
  OPERATIONS.Subscribe.filter(({ caller }) => caller !== "publisher").map(({ path }) =>
    path.replaceAll(/\{(\w+)\}/g, ":$1")
  ),
);

function numberIn(manifest: string, pattern: RegExp): number {
  return Number(pattern.exec(manifest)?.[1]);
}

const KUBERNETES_TYPES = findProgram("the types of Kubernetes", {
  variable: "KUBERNETES_TYPES",
  defaultPath: `${Deno.env.get("HOME")}/go/bin/kubernetes_types`,
});

/** What the types of the API have against a manifest; empty if nothing. */
async function mistakesIn(manifest: string): Promise<string> {
  const path = await Deno.makeTempFile({ suffix: ".yaml" });
  await Deno.writeTextFile(path, manifest);
  const { stdout, stderr } = await new Deno.Command(KUBERNETES_TYPES.path, { args: [path] }).output();
  await Deno.remove(path);
  return [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes).trim()).join("");
}

for (const path of ["one_node.yaml", "cluster.yaml"]) {
  const url = new URL(`../../deploy/kubernetes/${path}`, import.meta.url);

  KUBERNETES_TYPES.test(`${path} has only fields that Kubernetes knows, and names that exist`, async () => {
    const manifest = await Deno.readTextFile(url);
    assertEquals(await mistakesIn(manifest), "");
    const mistakes = [
      ["readinessProbe:", "readynessProbe:", 'unknown field "readynessProbe"'],
      ["periodSeconds: 2\n", "periodSeconds: two\n", "cannot unmarshal string"],
      ["kind: Service\n", "kind: Servant\n", '"Servant" of "v1" is no kind'],
      ["path: /readyz, port: http", "path: /readyz, port: https", "the port https, which does not exist"],
      ["matchLabels: { app.kubernetes.io/name: tidings }", "matchLabels: { app: x }", "the label app=x"],
    ] as const;
    for (const [right, wrong, said] of mistakes) {
      assert(manifest.includes(right), right);
      assertStringIncludes(await mistakesIn(manifest.replace(right, wrong)), said);
    }
  });

  Deno.test(`${path} probes paths that the service answers, on the port of the image`, async () => {
    const manifest = await Deno.readTextFile(url);
    const paths = new Set(
      Array.from(manifest.matchAll(/httpGet: \{ path: (\S+),/g), ([, path = ""]) => path),
    );
    assertEquals([...paths].toSorted(), ["/healthz", "/readyz"]);
    for (const path of paths) assertEquals((await createTestApp().app.request(path)).status, 200);
    const image = await Deno.readTextFile(new URL("../../deploy/Dockerfile", import.meta.url));
    assertEquals(numberIn(manifest, /containerPort: (\d+)/), numberIn(image, /PORT=(\d+)/));
  });

  Deno.test(`${path} exposes every route for browsers and the SDK, and no other route of the service`, async () => {
    const [, ingress = ""] = (await Deno.readTextFile(url)).split("kind: Ingress");
    const rules = [...ingress.matchAll(/- path: (\S+)\n\s+pathType: (\S+)/g)];
    const isExposed = (path: string) =>
      rules.some(([, rule, type]) => path === rule || (type === "Prefix" && path.startsWith(`${rule}/`)));
    const paths = new Set(createTestApp().app.routes.map(({ path }) => path).filter((path) => path !== "/*"));
    const expected = [...paths].filter((path) => FOR_BROWSERS.has(path) || /^\/\w+\.js$/.test(path));
    assert(expected.length > 10);
    assertEquals([...paths].filter(isExposed), expected);
    for (const [line, rule = ""] of rules) {
      assert([...paths].some((path) => path === rule || path.startsWith(`${rule}/`)), line);
    }
    for (const path of ["/metrics", "/console", "/healthz", "/v1/notify"]) {
      assert(paths.has(path) && !isExposed(path), path);
    }
    assertEquals(
      new Set(ingress.match(/name: tidings, port: \{ name: \w+/g)),
      new Set(["name: tidings, port: { name: http"]),
    );
  });

  Deno.test(`${path} and the ServiceMonitor agree on the port for operators`, async () => {
    const manifest = await Deno.readTextFile(url);
    const monitor = await Deno.readTextFile(new URL("service_monitor.yaml", url));
    const port = numberIn(manifest, /name: TIDINGS_ADMIN_PORT.*\n\s+value: "(\d+)"/);
    const { admin } = configFrom({ ...SECRETS, TIDINGS_ADMIN_PORT: `${port}` });
    assertEquals(admin, { host: "0.0.0.0", port });
    const [, name] = /- port: (\w+)\n\s+path: \/metrics/.exec(monitor) ?? [];
    assertEquals(numberIn(manifest, new RegExp(`name: ${name}, containerPort: (\\d+)`)), port);
    assertStringIncludes(manifest, `{ name: ${name}, port: ${port}, targetPort: ${name} }`);
  });

  Deno.test(`${path} has a grace period that is longer than a stop takes`, async () => {
    const manifest = await Deno.readTextFile(url);
    const { drainSeconds } = configFrom(SECRETS);
    const preStopSeconds = numberIn(manifest, /command: \[sleep, "(\d+)"\]/);
    assert(preStopSeconds > 0);
    assertLess(preStopSeconds + drainSeconds, numberIn(manifest, /terminationGracePeriodSeconds: (\d+)/));
  });
}

Deno.test("cluster.yaml replicates each notification to all of the NATS servers that it names", async () => {
  const manifest = await Deno.readTextFile(new URL("../../deploy/kubernetes/cluster.yaml", import.meta.url));
  const natsUrl = parseNatsUrl(/value: (nats:\S+)/.exec(manifest)?.[1] ?? "");
  assertEquals(natsUrl?.replicas, natsUrl?.servers.length);
});
