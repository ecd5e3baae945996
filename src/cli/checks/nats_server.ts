/** Checks NATS: whether it accepts this node, has JetStream and a version that can be recommended; and reads its clock. */

import type { StreamInfo } from "@nats-io/jetstream";
import { LIMITS } from "../../config/limits.ts";
import { isApiError, STREAM_NOT_FOUND } from "../../nats/api_error.ts";
import { NatsLink } from "../../nats/link.ts";
import type { NatsUrl } from "../../nats/nats_url.ts";
import { hasSplitBrainBug } from "../../nats/split_brain.ts";
import type { ClockReading } from "./clock.ts";
import { type CheckFinding, reasonOf } from "./check_finding.ts";
import type { ServerState } from "./web_servers.ts";

/** @param check what uses it, such as `journal` */
export async function checkNats(url: NatsUrl, check: string): Promise<ServerState> {
  const found = (status: CheckFinding["status"], message: string): CheckFinding => ({
    status,
    check,
    message,
  });
  try {
    await using link = await NatsLink.open(url, { ...LIMITS, name: "tidings check", report: () => {} });
    const { version } = link;
    const findings = [found("ok", `NATS ${version} is reached, with JetStream`)];
    if (hasSplitBrainBug({ version, replicas: url.replicas })) {
      findings.push(found("warn", `NATS ${version} may lose notifications if its leader pauses for seconds`));
    }
    const { stream, readings } = await readStream(link, url.stream);
    findings.push(found("ok", stream));
    return { findings, readings };
  } catch (error) {
    return { findings: [found("fail", `NATS cannot be used: ${reasonOf(error)}`)], readings: [] };
  }
}

/** The answer has the server's time since NATS 2.10. */
async function readStream(
  link: NatsLink,
  name: string,
): Promise<{ stream: string; readings: readonly ClockReading[] }> {
  const asked = Date.now();
  const info = await findStream(link, name);
  const answered = Date.now();
  if (info === undefined) return { stream: `the stream ${name} does not exist yet`, readings: [] };
  const time = Date.parse(String(Object(info).ts));
  const reading = { server: "NATS", asked, answered, time, precisionMs: 1 };
  return {
    stream: `the stream ${name} holds ${info.state.messages} messages`,
    readings: Number.isNaN(time) ? [] : [reading],
  };
}

async function findStream({ manager }: NatsLink, name: string): Promise<StreamInfo | undefined> {
  try {
    return await manager.streams.info(name);
  } catch (error) {
    if (isApiError(error, STREAM_NOT_FOUND)) return undefined;
    throw error;
  }
}
