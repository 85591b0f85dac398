/** What a client sends: the headers that may come in, and the body as it comes. */

import { INTERNAL_PREFIX } from "./internal_headers";

/** How long the rest of a refused body is read and dropped, in milliseconds. */
const LINGER = 2_000;

/** The request without the headers by which the Worker, its Durable Objects and the containers talk to each other. */
export function fromOutside(request: Request): Request {
  const internal = [...request.headers.keys()].filter((name) => name.startsWith(INTERNAL_PREFIX));
  if (internal.length === 0) return request;
  const headers = new Headers(request.headers);
  for (const name of internal) headers.delete(name);
  return new Request(request, { headers });
}

type Part = ReadableStreamReadResult<Uint8Array>;

/** A request's body while it is read: counted, and cut where it is larger than it may be. */
export class Incoming {
  /** The most bytes that are taken, and what is told where more come. */
  limit = Infinity;
  tooLarge: ((size: number) => void) | undefined;
  #size = 0;
  #isRefused = false;
  #hasEnded: boolean;
  #reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  /** The part that is being waited for, and how to end the waiting. */
  #coming: Promise<Part> | undefined;
  #giveUp: ((reason: Error) => void) | undefined;

  constructor(readonly request: Request) {
    this.#hasEnded = !request.body;
  }

  /** Whether nothing more of it is passed on. */
  get isRefused(): boolean {
    return this.#isRefused;
  }

  /** Whether it is the client that is being waited for. */
  get isAwaited(): boolean {
    return this.#coming !== undefined;
  }

  /** The next part of the body. Throws where the client breaks off, the body is too large, or it is refused. */
  async read(): Promise<Part> {
    const part = await new Promise<Part>((resolve, reject) => {
      this.#giveUp = reject;
      this.#next().then(resolve, reject);
    });
    if (this.#isRefused) throw new Error("the body is refused");
    if (part.done) return part;
    this.#size += part.value.length;
    if (this.#size <= this.limit) return part;
    this.#isRefused = true;
    this.tooLarge?.(this.#size);
    throw new Error("the body is too large");
  }

  /**
   * Ends the reading. Of a client that is not `isSlow` the rest is dropped, as far as it comes soon: most read an
   * answer only when they have sent. A body whose stream a step has taken for itself is that step's to end.
   */
  async refuse(isSlow: boolean): Promise<void> {
    this.#isRefused = true;
    this.#giveUp?.(new Error("the body is refused"));
    if (isSlow || this.#hasEnded || (!this.#reader && this.request.bodyUsed)) return;
    const late = Date.now() + LINGER;
    await Promise.race([this.#drop(late), scheduler.wait(LINGER)]);
  }

  async #drop(late: number): Promise<void> {
    while (Date.now() < late) {
      const part = await this.#next().catch(() => undefined);
      if (!part || part.done) return;
    }
  }

  /** A stream of the runtime is asked for one part at a time: who asks meanwhile gets the same. */
  #next(): Promise<Part> {
    this.#reader ??= this.request.body?.getReader() as ReadableStreamDefaultReader<Uint8Array>;
    this.#coming ??= this.#reader
      .read()
      .then((part: Part) => {
        this.#hasEnded ||= part.done;
        return part;
      })
      .finally(() => {
        this.#coming = undefined;
      });
    return this.#coming;
  }
}
