/** Tests of the Kubernetes manifests: probes, ports, grace periods and replicas. */

import { assert, assertEquals, assertLess } from "@std/assert";
import { configFrom } from "../../src/config/config.ts";
import { parseNatsUrl } from "../../src/nats/nats_url.ts";
import { createTestApp } from "../http/test_app.ts";

const SECRETS = {
  HOST: "0.0.0.0",
  TIDINGS_PUBLISHER_KEYS: "key",
  TIDINGS_TOKEN_SECRET: "a secret of 32 bytes, or of more",
};

function numberIn(manifest: string, pattern: RegExp): number {
  return Number(pattern.exec(manifest)?.[1]);
}

for (const path of ["one_node.yaml", "cluster.yaml"]) {
  const url = new URL(`../../deploy/kubernetes/${path}`, import.meta.url);

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

  Deno.test(`${path} exposes the API and the SDK, and nothing that is for operators`, async () => {
    const [, ingress = ""] = (await Deno.readTextFile(url)).split("kind: Ingress");
    const rules = [...ingress.matchAll(/- path: (\S+)\n\s+pathType: (\S+)/g)];
    const isExposed = (path: string) =>
      rules.some(([, rule, type]) => path === rule || (type === "Prefix" && path.startsWith(`${rule}/`)));
    const paths = createTestApp().app.routes.map(({ path }) => path).filter((path) => path !== "/*");
    assertEquals(
      new Set(paths.filter(isExposed)),
      new Set(
        paths.filter((path) => /^\/(v1\/|(client|tab_election|inbox|bell|push|push_worker)\.js$)/.test(path)),
      ),
    );
    for (const path of ["/metrics", "/console", "/healthz"]) assert(paths.includes(path) && !isExposed(path));
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
