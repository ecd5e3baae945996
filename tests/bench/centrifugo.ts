/** The peer Centrifugo, which keeps a history and lets tabs resume, as Tidings does. */

import { NotInstalledError } from "./install.ts";
import type { Secrets } from "./load/plan.ts";
import type { Peer } from "./peer.ts";

const CONFIGURATION = new URL("peers/centrifugo.json", import.meta.url).pathname;
const INSTALL = "go install github.com/centrifugal/centrifugo/v6@v6.9.1";

/** Resolves with the peer. Rejects with {@linkcode NotInstalledError} if there is no such program. */
export async function findCentrifugo(program: string): Promise<Peer> {
  if (!await isFile(program)) {
    throw new NotInstalledError(
      `${program} does not exist. Install it with \`${INSTALL}\`, or set CENTRIFUGO to its path.`,
    );
  }
  return {
    name: "Centrifugo",
    routes: {
      dialect: "centrifugo",
      connect: "/connection/uni_websocket?cf_connect=",
      notify: "/api/publish",
      many: "/api/batch",
      publish: null,
      lines: null,
      call: null,
    },
    checksSecrets: true,
    resumes: true,
    start: ({ port, secrets }) => ({
      command: [program, "--config", CONFIGURATION],
      env: { GOMAXPROCS: "1", CENTRIFUGO_HTTP_SERVER_PORT: `${port}`, ...access(secrets) },
    }),
  };
}

function access(secrets: Secrets | null): Record<string, string> {
  return secrets === null
    ? { CENTRIFUGO_CLIENT_INSECURE: "true", CENTRIFUGO_HTTP_API_INSECURE: "true" }
    : { CENTRIFUGO_CLIENT_TOKEN_HMAC_SECRET_KEY: secrets.token, CENTRIFUGO_HTTP_API_KEY: secrets.key };
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
