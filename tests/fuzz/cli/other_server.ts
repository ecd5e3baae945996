/** A server that is not Tidings: it answers as an input says, and its event stream ends for good. */

import type { CliAnswer } from "./cli_input.ts";

const TOKEN = JSON.stringify({ token: "abc", expires: "2026-01-01T00:00:00.000Z" });

export class OtherServer implements AsyncDisposable {
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #answers: CliAnswer[];
  readonly #frames: readonly string[];
  #streams = 0;

  constructor(
    answers: readonly CliAnswer[],
    { frames, givesToken }: { frames: readonly string[]; givesToken: boolean },
  ) {
    this.#answers = givesToken ? [{ status: 200, type: "application/json", body: TOKEN }] : [...answers];
    this.#frames = frames;
    this.#server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen() {} },
      ({ url }) => this.#answer(new URL(url).pathname),
    );
  }

  get url(): string {
    return `http://127.0.0.1:${this.#server.addr.port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }

  #answer(path: string): Response {
    if (path === "/v1/connect") return problem(426);
    if (path === "/v1/events") return this.#streams++ === 0 ? this.#stream() : problem(403);
    const answer = this.#answers.length > 1 ? this.#answers.shift() : this.#answers[0];
    const { status, type, body } = answer ?? { status: 404, type: "text/plain", body: "" };
    return new Response(status === 204 ? null : body, { status, headers: { "content-type": type } });
  }

  #stream(): Response {
    const events = this.#frames.map((frame) => `data: ${frame.replaceAll("\n", " ")}\n\n`).join("");
    const end = `event: close\ndata: ${JSON.stringify({ code: 4001, reason: "over\u001b[2J" })}\n\n`;
    return new Response(events + end, { headers: { "content-type": "text/event-stream" } });
  }
}

function problem(status: number): Response {
  const text = JSON.stringify({ type: "urn:tidings:problem:some-kind", title: "No", status, detail: "no" });
  return new Response(text, { status, headers: { "content-type": "application/problem+json" } });
}
