/** Moves a file from a container to the client and into the bucket at once, holding a piece of it at a time. */

import type { Sink } from "./sink";

/** The most that is held of one file, in bytes: what is on its way to both. */
const PIECE = 256 * 1024;
/** How long the bucket may take for a piece, or for the end, in milliseconds: the client waits for it. */
const STALL = 15_000;

/** What became of a copy: "kept", or what failed. */
export type Outcome = "kept" | "bucket" | "client" | "source";

/** Who waits for the bytes. */
export interface Client {
  readonly into: WritableStream<Uint8Array>;
  /** Tells that it has hung up, which a stream tells only when it is given more. */
  readonly gone: AbortSignal;
}

/**
 * Copies the `size` bytes of a stream into a sink and, where there is one, to a client. Never rejects.
 *
 * The slower of both sets the pace. A source that breaks off breaks the client's stream, too. A client that leaves,
 * or a source that breaks off, leaves nothing in the bucket. A bucket that fails or stalls leaves the client alone.
 */
export async function copy(
  source: ReadableStream<Uint8Array>,
  size: number,
  sink: Sink,
  client?: Client,
  stall: number = STALL,
): Promise<Outcome> {
  const reader = source.getReader({ mode: "byob" });
  const writer = client?.into.getWriter();
  const store = new Guarded(sink, stall);
  let hasLeft = client?.gone.aborted ?? false;
  const leave = (): void => {
    hasLeft = true;
    reader.cancel().catch(() => undefined);
  };
  client?.gone.addEventListener("abort", leave);
  writer?.closed.catch(leave);
  let taken = 0;
  try {
    for (let next = await reader.read(new Uint8Array(PIECE)); !next.done; next = await reader.read(new Uint8Array(PIECE))) {
      taken += next.value.length;
      await Promise.all([writer?.write(next.value), store.write(next.value)]);
      if (!writer && store.hasFailed) throw new Error("the bucket failed");
    }
    if (taken !== size) throw new Error("the file has another length");
    await writer?.close();
  } catch (error) {
    const outcome = hasLeft ? "client" : store.hasFailed && !writer ? "bucket" : "source";
    await Promise.all([
      reader.cancel(error).catch(() => undefined),
      writer?.abort(error).catch(() => undefined),
      store.abort(error),
    ]);
    return outcome;
  } finally {
    client?.gone.removeEventListener("abort", leave);
  }
  return (await store.close()) ? "kept" : "bucket";
}

/** A sink whose failure, or silence, is an end of it alone. */
class Guarded {
  hasFailed = false;

  constructor(
    readonly sink: Sink,
    readonly stall: number,
  ) {}

  async write(bytes: Uint8Array): Promise<void> {
    if (!this.hasFailed) await this.#guard(this.sink.write(bytes));
  }

  /** Resolves to whether the file is in the bucket. */
  async close(): Promise<boolean> {
    if (!this.hasFailed) await this.#guard(this.sink.close());
    return !this.hasFailed;
  }

  async abort(reason: unknown): Promise<void> {
    if (this.hasFailed) return;
    this.hasFailed = true;
    await this.#inTime(this.sink.abort(reason)).catch(() => undefined);
  }

  async #guard(work: Promise<void>): Promise<void> {
    try {
      await this.#inTime(work);
    } catch (error) {
      this.hasFailed = true;
      void this.sink.abort(error);
    }
  }

  #inTime(work: Promise<void>): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error("the bucket stalls")), this.stall);
      work.then(resolve, reject).finally(() => clearTimeout(timer));
    });
  }
}
