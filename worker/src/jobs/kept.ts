/** Puts a stream into the store, whatever its length: nothing of a known length is held, and 5 MiB of an unknown. */

import { openSink, type Sink } from "../files/sink";

/** The least that the store takes as a part. */
const PART = 5 * 1024 * 1024;
/** Streams of unknown length at a time: one isolate has 128 MB for everything. */
const PLACES = 8;
let taken = 0;

/** There is more than may be kept. */
export class TooMuch extends Error {}

/** Every place for a stream of unknown length is taken. */
export class NoPlace extends Error {}

export interface Keeping {
  readonly key: string;
  /** In bytes, where it is known before. */
  readonly length: number | undefined;
  /** The most that is kept, in bytes. */
  readonly limit: number;
  readonly signal?: AbortSignal;
}

/**
 * Keeps a body whole or not at all; returns its length in bytes. Throws {@link TooMuch}, {@link NoPlace}, and what
 * the stream, the signal or the store throws.
 */
export async function keep(
  store: R2Bucket,
  body: Uint8Array | ReadableStream<Uint8Array>,
  keeping: Keeping,
): Promise<number> {
  const { key, limit } = keeping;
  if (body instanceof Uint8Array) {
    if (body.length > limit) throw new TooMuch();
    await store.put(key, body);
    return body.length;
  }
  const { length } = keeping;
  if (length !== undefined && length <= limit) {
    return poured(body, openSink(store, { key, size: length, sha256: undefined }), keeping);
  }
  if (length !== undefined || taken >= PLACES) {
    await body.cancel().catch(() => undefined);
    throw length === undefined ? new NoPlace() : new TooMuch();
  }
  taken += 1;
  try {
    return await poured(body, new Pieces(store, key), keeping);
  } finally {
    taken -= 1;
  }
}

/** Moves a stream to where it is kept, at the pace of the slower. */
async function poured(body: ReadableStream<Uint8Array>, sink: Sink, { limit, signal }: Keeping): Promise<number> {
  const reader = body.getReader();
  const leave = (): void => void reader.cancel().catch(() => undefined);
  signal?.addEventListener("abort", leave);
  try {
    let size = 0;
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      size += next.value.length;
      if (size > limit) throw new TooMuch();
      await sink.write(next.value);
    }
    signal?.throwIfAborted(); // a reader that is cancelled ends, too
    await sink.close();
    return size;
  } catch (error) {
    leave();
    await sink.abort(error);
    throw error;
  } finally {
    signal?.removeEventListener("abort", leave);
  }
}

/** An object whose length nobody knows before: of parts of equal length, or put at once where it is shorter. */
class Pieces implements Sink {
  readonly #part = new Uint8Array(PART);
  #filled = 0;
  #upload: R2MultipartUpload | undefined;
  readonly #sent: R2UploadedPart[] = [];

  constructor(
    readonly store: R2Bucket,
    readonly key: string,
  ) {}

  async write(bytes: Uint8Array): Promise<void> {
    for (let rest = bytes; rest.length > 0; ) {
      const now = rest.subarray(0, PART - this.#filled);
      this.#part.set(now, this.#filled);
      this.#filled += now.length;
      rest = rest.subarray(now.length);
      if (this.#filled === PART) await this.#send();
    }
  }

  async close(): Promise<void> {
    if (this.#upload) {
      if (this.#filled) await this.#send();
      await this.#upload.complete(this.#sent);
    } else await this.store.put(this.key, this.#part.subarray(0, this.#filled));
  }

  async abort(): Promise<void> {
    await this.#upload?.abort().catch(() => undefined);
  }

  async #send(): Promise<void> {
    this.#upload ??= await this.store.createMultipartUpload(this.key);
    this.#sent.push(await this.#upload.uploadPart(this.#sent.length + 1, this.#part.subarray(0, this.#filled)));
    this.#filled = 0;
  }
}
