/** The inspector of another process, by the Chrome DevTools Protocol: collects its garbage and looks at its heap. */

interface Answer {
  readonly id?: number;
  readonly method?: string;
  readonly params?: { readonly chunk?: string };
  readonly result?: unknown;
  readonly error?: { readonly message: string };
}

interface RemoteObject {
  readonly result: { readonly objectId?: string; readonly value?: unknown };
}

export class Inspector implements AsyncDisposable {
  readonly #socket: WebSocket;
  readonly #calls = new Map<number, PromiseWithResolvers<unknown>>();
  readonly #closed = Promise.withResolvers<void>();
  #chunks: string[] = [];
  #lastId = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.onmessage = ({ data }) => this.#take(JSON.parse(data));
    socket.onclose = () => {
      for (const { reject } of this.#calls.values()) {
        reject(new Error("the inspector has closed the connection"));
      }
      this.#calls.clear();
      this.#closed.resolve();
    };
  }

  /** @param url what the process prints when it starts with `--inspect` */
  static async connect(url: string): Promise<Inspector> {
    const socket = new WebSocket(url);
    await new Promise<void>((resolve, reject) => {
      socket.onopen = () => resolve();
      socket.onerror = () => reject(new Error(`there is no inspector at ${url}`));
    });
    return new Inspector(socket);
  }

  async collectGarbage(): Promise<void> {
    await this.#call("HeapProfiler.collectGarbage");
  }

  /** Resolves with the value of an expression, which must be JSON. */
  async evaluate<T>(expression: string): Promise<T> {
    const { result, exceptionDetails } = await this.#call<
      { result: { value: T }; exceptionDetails?: unknown }
    >(
      "Runtime.evaluate",
      { expression, returnByValue: true },
    );
    if (exceptionDetails === undefined) return result.value;
    throw new Error(`${expression} threw: ${JSON.stringify(exceptionDetails)}`);
  }

  /** Resolves with the number of objects of a class, which is a global one, and of classes that extend it. */
  async countObjects(className: string): Promise<number> {
    const objectGroup = "counted", expression = `${className}.prototype`;
    const prototype = await this.#call<RemoteObject>("Runtime.evaluate", { expression, objectGroup });
    const { objectId: prototypeObjectId } = prototype.result;
    const { objects } = await this.#call<{ objects: { objectId: string } }>("Runtime.queryObjects", {
      ...{ prototypeObjectId, objectGroup },
    });
    const functionDeclaration = "function () { return this.length; }", { objectId } = objects;
    const length = await this.#call<RemoteObject>("Runtime.callFunctionOn", {
      objectId,
      functionDeclaration,
    });
    await this.#call("Runtime.releaseObjectGroup", { objectGroup });
    return Number(length.result.value);
  }

  /** Collects garbage, and resolves with the text of a heap snapshot. The process stands still meanwhile. */
  async heapSnapshot(): Promise<string> {
    this.#chunks = [];
    await this.#call("HeapProfiler.takeHeapSnapshot", { reportProgress: false });
    const text = this.#chunks.join("");
    this.#chunks = [];
    return text;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.close();
    await this.#closed.promise;
  }

  #call<T>(method: string, params: Readonly<Record<string, unknown>> = {}): Promise<T> {
    const call = Promise.withResolvers<unknown>(), id = ++this.#lastId;
    this.#calls.set(id, call);
    this.#socket.send(JSON.stringify({ id, method, params }));
    return call.promise as Promise<T>;
  }

  #take({ id = 0, method, params, result, error }: Answer): void {
    if (method === "HeapProfiler.addHeapSnapshotChunk") this.#chunks.push(params?.chunk ?? "");
    const call = this.#calls.get(id);
    this.#calls.delete(id);
    if (error === undefined) call?.resolve(result);
    else call?.reject(new Error(error.message));
  }
}
