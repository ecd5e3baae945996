/** Fuzzes the routes with requests that are made from `/openapi.json`. */

import * as fc from "fast-check";
import type { Bench, JournalName, Part } from "../part.ts";
import { FuzzedService } from "../service/fuzzed_service.ts";
import { checkAnswer } from "./answer_check.ts";
import { type ApiDocument, readApiDocument } from "./api_document.ts";
import { type RouteRequest, routeRequests } from "./route_request.ts";
import { bodyBytes, sendRequest } from "./send_request.ts";
import { Tally } from "../tally.ts";
import { Subscriber } from "./subscriber.ts";

const MAX_REQUESTS = 12;

/** The requests of an input are sent one after the other, so that each finds what those before it have left. */
export const ROUTES: Part<readonly RouteRequest[]> = {
  name: "routes",
  journals: ["memory", "sqlite"],
  open: (journal) => RoutesBench.open(journal),
};

class RoutesBench implements Bench<readonly RouteRequest[]> {
  readonly inputs: fc.Arbitrary<readonly RouteRequest[]>;
  readonly tally = new Tally();
  readonly #service: FuzzedService;
  readonly #document: ApiDocument;
  readonly #subscriber: Subscriber;

  private constructor(service: FuzzedService, document: ApiDocument) {
    this.#service = service;
    this.#document = document;
    this.#subscriber = new Subscriber(service.port, service.credentials.token ?? "");
    this.inputs = fc.array(routeRequests(document), { minLength: 1, maxLength: MAX_REQUESTS, size: "max" });
  }

  static async open(journal: JournalName): Promise<RoutesBench> {
    const service = await FuzzedService.start(journal);
    return new RoutesBench(service, await readApiDocument(`http://127.0.0.1:${service.port}`));
  }

  async play(requests: readonly RouteRequest[]): Promise<void> {
    const { credentials, port, secrets } = this.#service;
    const options = { credentials, port, fill: (text: string) => this.#subscriber.fill(text) };
    for (const request of requests) {
      await this.#subscriber.connect();
      const sent = bodyBytes(request, options), answer = await sendRequest(request, options);
      this.tally.add(answer?.status ?? "cut");
      if (answer !== null) checkAnswer(request, answer, { document: this.#document, secrets, sent });
    }
    await this.#service.check(() => this.#subscriber.isConnected ? 1 : 0);
  }

  async finish(): Promise<void> {
    await this.#subscriber[Symbol.asyncDispose]();
    await this.#service.finish();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#subscriber[Symbol.asyncDispose]();
    await this.#service[Symbol.asyncDispose]();
  }
}
