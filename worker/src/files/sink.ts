/** Where a file's bytes go on their way into the bucket. Nothing of it can be seen there before it is whole. */

/** Takes a file from its first byte to its last. After a failure of any of its methods it takes no more. */
export interface Sink {
  /** Resolves when the bytes have been taken, so that the slower sets the pace. */
  write(bytes: Uint8Array): Promise<void>;
  /** Resolves when the file is in the bucket. */
  close(): Promise<void>;
  /** Leaves nothing behind. Never rejects. */
  abort(reason: unknown): Promise<void>;
}

/** What is known of a content before it comes. */
export interface Content {
  readonly key: string;
  /** In bytes. */
  readonly size: number;
  /** In hexadecimal, where it is known: the bucket itself then checks what it gets in one piece. */
  readonly sha256: string | undefined;
}

export interface PartSizes {
  /** The largest object that is put as one. */
  readonly whole: number;
  /** Of each part of a larger one, but for the last. The bucket takes 5 MiB or more, and 10,000 parts. */
  readonly part: number;
}

const MIB = 1024 * 1024;
/** The bucket's own limit of one put is 5 GiB less 5 MiB. Parts pass through too, so that large ones hold nothing. */
export const PART_SIZES: PartSizes = { whole: 5 * 1024 * MIB - 5 * MIB, part: 512 * MIB };

/** Opens the bucket for a content. */
export function openSink(bucket: R2Bucket, content: Content, sizes: PartSizes = PART_SIZES): Sink {
  return content.size > sizes.whole ? new Parts(bucket, content, sizes.part) : new Whole(bucket, content);
}

/** A stream of known length, and what becomes of who reads it. */
class Pipe {
  readonly done: Promise<unknown>;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  #failure: Error | undefined;

  constructor(size: number, read: (stream: ReadableStream<Uint8Array>) => Promise<unknown>) {
    const { readable, writable } = new FixedLengthStream(size);
    this.#writer = writable.getWriter();
    this.#writer.closed.catch(() => undefined);
    this.done = read(readable).catch((error: unknown) => {
      // A write that waits for a reader who has gone would wait for ever.
      this.#failure = error instanceof Error ? error : new Error(String(error));
      this.#writer.abort(error).catch(() => undefined);
      throw this.#failure;
    });
    this.done.catch(() => undefined);
  }

  async write(bytes: Uint8Array): Promise<void> {
    if (this.#failure) throw this.#failure;
    await this.#writer.write(bytes);
  }

  async close(): Promise<void> {
    await this.#writer.close();
    await this.done;
  }

  async abort(reason: unknown): Promise<void> {
    this.#writer.abort(reason).catch(() => undefined);
    await this.done.catch(() => undefined);
  }
}

/** An object that is put as one. */
class Whole implements Sink {
  readonly #pipe: Pipe;

  constructor(bucket: R2Bucket, { key, size, sha256 }: Content) {
    this.#pipe = new Pipe(size, (stream) => bucket.put(key, stream, sha256 ? { sha256 } : {}));
  }

  write(bytes: Uint8Array): Promise<void> {
    return this.#pipe.write(bytes);
  }

  close(): Promise<void> {
    return this.#pipe.close();
  }

  abort(reason: unknown): Promise<void> {
    return this.#pipe.abort(reason);
  }
}

/** An object of parts of one size, each put as it comes, one after the other. */
class Parts implements Sink {
  readonly #upload: Promise<R2MultipartUpload>;
  readonly #put: R2UploadedPart[] = [];
  #part: Pipe | undefined;
  #room = 0;
  #left: number;

  constructor(
    bucket: R2Bucket,
    { key, size }: Content,
    readonly partSize: number,
  ) {
    this.#left = size;
    this.#upload = bucket.createMultipartUpload(key);
    this.#upload.catch(() => undefined);
  }

  async write(bytes: Uint8Array): Promise<void> {
    for (let rest = bytes; rest.length > 0; ) {
      this.#part ??= await this.#begin();
      const now = rest.subarray(0, this.#room);
      if (now.length === 0) throw new Error("more bytes than the file has");
      await this.#part.write(now);
      this.#room -= now.length;
      this.#left -= now.length;
      rest = rest.subarray(now.length);
      if (this.#room === 0) await this.#end(this.#part);
    }
  }

  async close(): Promise<void> {
    if (this.#left > 0) throw new Error("fewer bytes than the file has");
    await (await this.#upload).complete(this.#put);
  }

  async abort(reason: unknown): Promise<void> {
    await this.#part?.abort(reason);
    await this.#upload.then((upload) => upload.abort()).catch(() => undefined);
  }

  async #begin(): Promise<Pipe> {
    const upload = await this.#upload;
    this.#room = Math.min(this.partSize, this.#left);
    const number = this.#put.length + 1;
    return new Pipe(this.#room, async (stream) => this.#put.push(await upload.uploadPart(number, stream)));
  }

  async #end(part: Pipe): Promise<void> {
    await part.close();
    this.#part = undefined;
  }
}
