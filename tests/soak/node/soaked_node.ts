/** The node that is soaked: the real process, configured as in production, with a short memory. */

import { generateVapidKeys } from "../../../src/config/vapid.ts";
import type { JournalName } from "../../chaos/stages/stage.ts";
import { PUBLISHER_KEY } from "../../deploy/nodes.ts";
import { ServiceProcess } from "../../end_to_end/service_process.ts";
import { TOKEN_SECRET } from "../../http/auth/signed_token.ts";
import { FaultyProxy } from "../../nats/faulty_proxy.ts";
import { NatsServer } from "../../nats/nats_server.ts";
import { SECRET } from "../../processor/webhook/application.ts";
import { Inspector } from "../look/inspector.ts";
import { CA_FILE, type Receivers } from "./receivers.ts";

/** A key that asks for more than it may. */
export const GREEDY_KEY = "the-key-of-a-greedy-backend";

/** When a target was last seen is forgotten within a minute after this. */
export const LAST_SEEN_SECONDS = 5;

export interface NodeOptions {
  readonly journal: JournalName;
  readonly receivers: Receivers;
  readonly retentionSeconds: number;
}

export class SoakedNode implements AsyncDisposable {
  /** Through which residents and their publishers connect. It is cut and held up now and then. */
  readonly frontDoor = new FaultyProxy(() => this.#port);
  /** Through which everybody else connects. It is open until a wave ends. */
  readonly sideDoor = new FaultyProxy(() => this.#port);
  readonly service: ServiceProcess;
  readonly inspector: Inspector;
  readonly #folder: string;
  readonly #nats: NatsServer | null;

  private constructor(
    service: ServiceProcess,
    { inspector, folder, nats }: { inspector: Inspector; folder: string; nats: NatsServer | null },
  ) {
    this.service = service;
    this.inspector = inspector;
    this.#folder = folder;
    this.#nats = nats;
  }

  static async start(options: NodeOptions): Promise<SoakedNode> {
    const folder = await Deno.makeTempDir({ prefix: "soak-" });
    const nats = options.journal === "nats" ? await NatsServer.started() : null;
    const TIDINGS_JOURNAL = nats?.url() ??
      (options.journal === "memory" ? "memory:" : `sqlite:${folder}/journal.db`);
    const environment = { ...environmentOf(options), TIDINGS_JOURNAL };
    const service = await ServiceProcess.start(environment, { folder, inspect: true });
    await service.waitForOutput("chrome://inspect"); // which follows the URL of the inspector
    const inspector = await Inspector.connect(service.inspectorUrl ?? "");
    return new SoakedNode(service, { inspector, folder, nats });
  }

  /** Ends every connection of a client. */
  shutDoors(): void {
    this.frontDoor.cut("broken");
    this.sideDoor.cut("broken");
  }

  openDoors(): void {
    this.frontDoor.heal();
    this.sideDoor.heal();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.frontDoor[Symbol.asyncDispose]();
    await this.sideDoor[Symbol.asyncDispose]();
    await this.inspector[Symbol.asyncDispose]();
    await this.service[Symbol.asyncDispose]();
    await this.#nats?.[Symbol.asyncDispose]();
    await Deno.remove(this.#folder, { recursive: true });
  }

  get #port(): { hostname: string; port: number } {
    return { hostname: "127.0.0.1", port: this.service.port };
  }
}

function environmentOf({ receivers, retentionSeconds }: NodeOptions): Record<string, string> {
  const secret = `whsec_${SECRET.toBase64()}`, { urls } = receivers;
  return {
    TIDINGS_PUBLISHER_KEYS: PUBLISHER_KEY,
    TIDINGS_SCOPED_KEYS: `greedy:publish:${GREEDY_KEY}`,
    TIDINGS_KEY_LIMITS: "greedy/requests=5:10",
    TIDINGS_ADDRESS_LIMITS: "requests=2000:4000",
    TIDINGS_TRUSTED_PROXIES: "127.0.0.1/32", // so that strangers can come from many addresses
    TIDINGS_TOKEN_SECRET: TOKEN_SECRET,
    TIDINGS_RETENTION_SECONDS: `${retentionSeconds}`,
    TIDINGS_LAST_SEEN_SECONDS: `${LAST_SEEN_SECONDS}`,
    TIDINGS_MESSAGE_WEBHOOK_URL: urls.messages,
    TIDINGS_MESSAGE_WEBHOOK_SECRET: secret,
    TIDINGS_PRESENCE_WEBHOOK_URL: urls.presence,
    TIDINGS_PRESENCE_WEBHOOK_SECRET: secret,
    TIDINGS_VAPID_PRIVATE_KEY: generateVapidKeys().privateKey,
    TIDINGS_VAPID_SUBJECT: "mailto:soak@example.com",
    TIDINGS_PUSH_ORIGINS: urls.push,
    DENO_CERT: CA_FILE,
  };
}
