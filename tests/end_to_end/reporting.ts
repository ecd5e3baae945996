/** Helpers for tests of reports: tabs that ack, publishers that wait, and requests for reports. */

import { assertEquals, assertMatch } from "@std/assert";
import { RawSocket } from "./raw_socket.ts";
import { Tab } from "./tab.ts";
import { TestService } from "./test_service.ts";

export interface Report {
  readonly id: string;
  readonly accepted_at: string;
  readonly sent: number;
  readonly acked: number;
  readonly first_ack_ms: number | null;
  readonly read: number;
  readonly first_read_ms: number | null;
  readonly push: unknown;
}

export interface ListedConnection {
  readonly id: string;
  readonly transport: string;
  readonly connected_at: string;
  readonly node: string;
  readonly behind: boolean;
}

const PADDING = "x".repeat(60_000);

export const HELLO = { target: "alexander", data: "Hello, Alexander Hamilton!" };

/** Opens tabs of a target one after the other. */
export async function openTabs(service: TestService, count: number, target = "alexander"): Promise<Tab[]> {
  const tabs: Tab[] = [];
  for (let n = 0; n < count; n++) tabs.push((await Tab.open(service.port, { target })).tab);
  return tabs;
}

export function ack(tab: Tab, ...ids: string[]): void {
  tab.send(JSON.stringify({ type: "ack", ids }));
}

/** Takes the next notification, and acks it. */
export async function takeAndAck(tab: Tab): Promise<void> {
  ack(tab, (await tab.next()).id);
}

/** Requests a path, and fails unless the status is 200. */
export async function getJson<T>(service: TestService, path: string): Promise<T> {
  const response = await fetch(service.url + path);
  assertEquals(response.status, 200, `${path}: ${response.status}`);
  return await response.json();
}

/**
 * Requests a report until it is as expected. It takes turns, not timers, because some tests fake the clock.
 */
export async function waitForReport(
  service: TestService,
  id: string,
  isExpected: (report: Report) => boolean,
): Promise<Report> {
  for (;;) {
    const report: Report = await getJson(service, `/v1/notifications/${id}`);
    if (isExpected(report)) return report;
    await turn();
  }
}

export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** A request with `Prefer: wait`, and whether it has been answered. */
export class WaitingRequest {
  readonly response: Promise<Response>;
  isAnswered = false;

  constructor(service: TestService, { body, seconds = 60 }: { body: unknown; seconds?: number }) {
    const headers = { prefer: `wait=${seconds}` };
    const request = { method: "POST", body: JSON.stringify(body), headers };
    this.response = fetch(`${service.url}/v1/notify`, request);
    this.response.then(() => this.isAnswered = true, () => this.isAnswered = true);
  }

  /** Resolves with the answer, and asserts that the preference was applied. */
  async answer<T>(): Promise<T> {
    const response = await this.response;
    const answer = await response.json();
    assertEquals(response.status, 200, JSON.stringify(answer));
    assertMatch(response.headers.get("preference-applied") ?? "", /^wait=\d+$/);
    return answer;
  }

  /** Resolves with the counts of sent and acked. */
  async counts(): Promise<[number, number]> {
    const { sent, acked } = await this.answer<Report>();
    return [sent, acked];
  }
}

/** Connects a tab that does not read, and posts until it is so far behind that its buffers are full. */
export async function connectBehind(service: TestService): Promise<RawSocket> {
  const slow = await RawSocket.connect(service.port, "/v1/connect?target=alexander");
  for (let n = 0; n < 20; n++) await service.notify(Array(10).fill({ target: "alexander", data: PADDING }));
  return slow;
}
