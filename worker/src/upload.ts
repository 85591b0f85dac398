/** The body of a request: kept where it is small, to be sent again, and passed on as it comes where it is not. */

import type { Incoming } from "./incoming";

/** A body of at most this many bytes is kept until there is an answer, so that it can be sent again. */
const KEEP = 6 * 1024 * 1024;
/** The most that one isolate keeps at a time: it has 128 MB for everything. */
const KEEP_ALL = 6 * KEEP;
let heldBytes = 0;

export interface Upload {
  readonly body: Uint8Array | ReadableStream<Uint8Array> | null;
  /** Gives back the room that the body takes. */
  readonly release: () => void;
  /** Of a body that is not kept: reads the rest without passing it on. */
  readonly drop?: () => Promise<void>;
}

/** Reads a body that is small enough to be kept; streams one that is not, or for which there is no room. */
export async function hold(rest: Incoming): Promise<Upload> {
  const { request } = rest;
  if (!request.body) return { body: null, release: () => undefined };
  const announced = request.headers.get("Content-Length");
  const room = Number(announced ?? KEEP);
  if (room > KEEP || heldBytes + room > KEEP_ALL) {
    const { readable, writable } = announced === null ? new IdentityTransformStream() : new FixedLengthStream(room);
    return { body: readable, release: () => undefined, drop: pass([], rest, writable) };
  }
  const release = taken(room, request.signal);
  const buffer = new Uint8Array(room);
  let size = 0;
  try {
    for (;;) {
      const { done, value } = await rest.read();
      if (done) return { body: buffer.subarray(0, size), release };
      if (size + value.length > room) {
        const { readable, writable } = new IdentityTransformStream();
        return { body: readable, release, drop: pass([buffer.subarray(0, size), value], rest, writable) };
      }
      buffer.set(value, size);
      size += value.length;
    }
  } catch (error) {
    release();
    throw error;
  }
}

/** Takes room for a body. A request whose client hangs up runs to no end, so the signal gives the room back too. */
function taken(room: number, signal: AbortSignal): () => void {
  let left = room;
  const release = (): void => {
    heldBytes -= left;
    left = 0;
  };
  heldBytes += room;
  signal.addEventListener("abort", release);
  return release;
}

/** Passes on what has been read of a body, and then the rest of it, until it is told to drop what still comes. */
function pass(read: Uint8Array[], rest: Incoming, into: WritableStream<Uint8Array>): () => Promise<void> {
  const writer = into.getWriter();
  const send = async (): Promise<void> => {
    for (const part of read) await writer.write(part);
    for (let next = await rest.read(); !next.done; next = await rest.read()) await writer.write(next.value);
    await writer.close();
  };
  // Where this fails, the client or the container is gone, and the answer tells. A refused body is left open: who
  // reads a stream of no known length takes its abortion for its end, and would answer to a part of it.
  const sending = send().catch((error: unknown) =>
    rest.isRefused ? undefined : writer.abort(error).catch(() => undefined),
  );
  return async () => {
    await writer.abort().catch(() => undefined);
    await sending;
    while (!(await rest.read().catch(() => ({ done: true }))).done);
  };
}
