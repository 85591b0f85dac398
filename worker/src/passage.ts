/** How an answer goes on from the container: whole where it is small, as it comes where it is not. */

import type { Visit } from "./visits";

/** The least that a client takes of an answer on average, in bytes a second; a slower one is cut off. */
const SLOWEST = 64 * 1024;
/** How long an answer of unknown length may be on its way at most, in milliseconds. */
const UNKNOWN = 3_600_000;

/** An answer of known and moderate length once all of it is there: had it broken off, it can be asked for anew. */
export async function whole(answer: Response, body: ReadableStream<Uint8Array>, length: number): Promise<Response> {
  const held = new Uint8Array(length);
  let size = 0;
  try {
    for await (const part of body) {
      held.set(part, size);
      size += part.length;
    }
  } catch (error) {
    // A service may answer before it has read the request, and then close: the answer is good all the same.
    if (size < length) throw error;
  }
  return new Response(held, answer);
}

/**
 * An answer as it comes, moved by the runtime: nothing of it is held, and nothing is seen of how far it is. It breaks
 * off where the service's does, and keeps its length, by which a client sees that the rest is missing. The visit ends
 * with it, at the latest after `patience` milliseconds and the time that its length takes at 64 KiB a second.
 */
export function passed(answer: Response, body: ReadableStream<Uint8Array>, visit: Visit, patience: number): Response {
  const length = answer.headers.get("Content-Length");
  // What is compressed is taken apart and put together again on its way, so that its length may change.
  const isFixed = length !== null && !answer.headers.has("Content-Encoding");
  const { readable, writable } = isFixed ? new FixedLengthStream(Number(length)) : new IdentityTransformStream();
  const cutting = new AbortController();
  const since = Date.now();
  const until = since + patience + (isFixed ? (1_000 * Number(length)) / SLOWEST : UNKNOWN);
  const cut = (): void => {
    visit.end();
    cutting.abort();
  };
  visit.passing = { since, until, cut };
  // Who reads is told of a failure.
  body.pipeTo(writable, { signal: cutting.signal }).catch(() => undefined).finally(visit.end);
  return new Response(readable, answer);
}
