/** An identity provider for tests: serves a key set, and signs tokens with its keys. */

import { exportJWK, exportSPKI, generateKeyPair, type JWK, type JWTPayload, SignJWT } from "jose";

interface KeyPair {
  readonly alg: string;
  readonly publicKey: CryptoKey;
  readonly privateKey: CryptoKey;
}

/** Makes the response to a request for the keys. */
export type AnswerKeys = (keys: JWK[]) => Response;

export class IdentityProvider implements AsyncDisposable {
  readonly #pairs = new Map<string, KeyPair>();
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #kids: { readonly publishesKid: boolean; readonly signsKid: boolean };
  /** The number of requests for the keys. */
  requests = 0;

  /**
   * Starts without keys.
   *
   * @param options.publishesKid whether the keys of the set have a `kid`
   * @param options.signsKid whether tokens have a `kid`
   */
  constructor(
    { answer = (keys) => Response.json({ keys }), publishesKid = true, signsKid = true }: {
      answer?: AnswerKeys;
      publishesKid?: boolean;
      signsKid?: boolean;
    } = {},
  ) {
    this.#kids = { publishesKid, signsKid };
    this.#server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, async () => {
      this.requests++;
      return answer(await this.#published());
    });
  }

  get url(): string {
    return `http://127.0.0.1:${this.#server.addr.port}/keys`;
  }

  /** Adds a key, in place of the one that has the same `kid`. */
  async add(kid: string, alg: string): Promise<void> {
    this.#pairs.set(kid, { alg, ...await generateKeyPair(alg, { extractable: true }) });
  }

  sign(kid: string, claims: JWTPayload): Promise<string> {
    const { alg, privateKey } = this.#pairOf(kid);
    const header = { alg, ...(this.#kids.signsKid && { kid }) };
    return new SignJWT(claims).setProtectedHeader(header).sign(privateKey);
  }

  /** The public key as PEM. */
  publicPem(kid: string): Promise<string> {
    return exportSPKI(this.#pairOf(kid).publicKey);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }

  #published(): Promise<JWK[]> {
    return Promise.all([...this.#pairs].map(async ([kid, { alg, publicKey }]) => (
      { ...await exportJWK(publicKey), ...(this.#kids.publishesKid && { kid }), alg, use: "sig" }
    )));
  }

  #pairOf(kid: string): KeyPair {
    const pair = this.#pairs.get(kid);
    if (pair === undefined) throw new RangeError(`There is no key ${kid}`);
    return pair;
  }
}
