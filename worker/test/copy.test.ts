import { env, reset } from "cloudflare:test";
import { afterEach, describe, expect, it } from "vitest";
import { type Client, copy } from "../src/files/copy";
import { openSink, PART_SIZES, type Sink } from "../src/files/sink";
import { contentOf, sha256 } from "./hub";

const MIB = 1024 * 1024;
/** As small as the bucket takes them. */
const SMALL = { whole: 6 * MIB, part: 5 * MIB };
const bucket = env.STORE as R2Bucket;
const key = "xet/test";

/** So many bytes, in pieces, as they are taken; counts them. */
class Source {
  taken = 0;
  isLeft = false;
  readonly stream: ReadableStream<Uint8Array>;

  constructor(size: number, seed = 1, end: (controller: ReadableByteStreamController) => void = (controller) => controller.close()) {
    const piece = contentOf(64 * 1024, seed);
    this.stream = new ReadableStream({
      type: "bytes",
      pull: async (controller) => {
        await scheduler.wait(0);
        const next = piece.slice(0, Math.min(piece.length, size - this.taken));
        this.taken += next.length;
        if (next.length > 0) controller.enqueue(next);
        else end(controller);
        if (next.length === 0) controller.byobRequest?.respond(0);
      },
      cancel: () => {
        this.isLeft = true;
      },
    });
  }
}

/** The bytes that a source gives. */
async function bytesOf(size: number, seed = 1): Promise<Uint8Array> {
  return new Uint8Array(await new Response(new Source(size, seed).stream).arrayBuffer());
}

/** A client of a file, and what it reads. */
function clientOf(size: number): { client: Client; readable: ReadableStream<Uint8Array>; hangUp: () => void } {
  const { readable, writable } = new FixedLengthStream(size);
  const controller = new AbortController();
  return { client: { into: writable, gone: controller.signal }, readable, hangUp: () => controller.abort() };
}

const stored = async (): Promise<Uint8Array> => new Uint8Array((await (await bucket.get(key))?.arrayBuffer()) ?? []);
const isThere = async (): Promise<boolean> => (await bucket.head(key)) !== null;

const content = (size: number, hash?: string): Parameters<typeof openSink>[1] => ({ key, size, sha256: hash });
const sink = (size: number, hash?: string): Sink => openSink(bucket, content(size, hash), SMALL);

/** A bucket that keeps its multipart uploads, to look at what became of them. */
function watched(): { bucket: R2Bucket; uploads: R2MultipartUpload[] } {
  const uploads: R2MultipartUpload[] = [];
  const createMultipartUpload = async (name: string): Promise<R2MultipartUpload> => {
    const upload = await bucket.createMultipartUpload(name);
    uploads.push(upload);
    return upload;
  };
  return { bucket: { createMultipartUpload } as unknown as R2Bucket, uploads };
}

afterEach(reset);

describe("a file on its way into the bucket", () => {
  it.each([
    ["in one piece", 3 * MIB + 5],
    ["in two parts", 8 * MIB + 5],
    ["in parts that end with the file", 10 * MIB],
    ["in three", 11 * MIB],
  ])("arrives there %s as it was", async (_, size) => {
    const expected = await bytesOf(size);
    expect(await copy(new Source(size).stream, size, sink(size, await sha256(expected)))).toBe("kept");
    expect(await sha256(await stored())).toBe(await sha256(expected));
  });

  it.each([4 * MIB, 8 * MIB])("reaches the client at the same time, %i bytes", async (size) => {
    const { readable, client } = clientOf(size);
    const taken = new Response(readable).arrayBuffer();
    expect(await copy(new Source(size).stream, size, sink(size), client)).toBe("kept");
    expect(await sha256(new Uint8Array(await taken))).toBe(await sha256(await stored()));
  });

  it("is not kept where the bucket counts another hash, which the client does not notice", async () => {
    const { readable, client } = clientOf(MIB);
    const taken = new Response(readable).arrayBuffer();
    const wrong = await sha256(contentOf(9, 9));
    expect(await copy(new Source(MIB).stream, MIB, sink(MIB, wrong), client)).toBe("bucket");
    expect((await taken).byteLength).toBe(MIB);
    expect(await isThere()).toBe(false);
  });

  it("needs parts that the bucket takes, of files as large as they come", () => {
    expect(PART_SIZES.whole).toBeLessThan(5 * 1024 * MIB);
    expect(PART_SIZES.part).toBeGreaterThan(5 * MIB);
    expect(10_000 * PART_SIZES.part).toBeGreaterThan(4 * 1024 * 1024 * MIB);
  });
});

describe("nothing is left in the bucket", () => {
  it.each([4 * MIB, 8 * MIB])("where the source breaks off, which the client sees, %i bytes", async (size) => {
    const source = new Source(size, 1, (controller) => controller.error(new Error("lost")));
    const { readable, client } = clientOf(size + 1);
    const taken = new Response(readable).arrayBuffer();
    const [outcome] = await Promise.all([
      copy(source.stream, size + 1, sink(size + 1), client),
      expect(taken).rejects.toThrow(),
    ]);
    expect([outcome, await isThere()]).toEqual(["source", false]);
  });

  it.each([4 * MIB, 8 * MIB])("where the source is shorter than it says, %i bytes", async (size) => {
    const { readable, client } = clientOf(size);
    const taken = new Response(readable).arrayBuffer();
    const [outcome] = await Promise.all([
      copy(new Source(size - 1).stream, size, sink(size), client),
      expect(taken).rejects.toThrow(),
    ]);
    expect([outcome, await isThere()]).toEqual(["source", false]);
  });

  it.each([4 * MIB, 16 * MIB])("where the client leaves, and no part of it, %i bytes", async (size) => {
    const { readable, client } = clientOf(size);
    const source = new Source(size);
    const uploads = watched();
    const into = size > SMALL.whole ? openSink(uploads.bucket, content(size), SMALL) : sink(size);
    const copying = copy(source.stream, size, into, client);
    const reader = readable.getReader();
    for (let left = size / 2; left > 0; left -= (await reader.read()).value?.length ?? 0);
    await reader.cancel();
    expect(await copying).toBe("client");
    expect([source.isLeft, await isThere()]).toEqual([true, false]);
    expect(source.taken).toBeLessThan(size);
    expect(uploads.uploads).toHaveLength(size > SMALL.whole ? 1 : 0);
    for (const upload of uploads.uploads) await expect(upload.uploadPart(1, "x")).rejects.toThrow(/not exist/);
  });

  it("where the client leaves while the source says nothing", async () => {
    const { client, hangUp } = clientOf(MIB);
    const silent = new ReadableStream({ type: "bytes" });
    const copying = copy(silent, MIB, sink(MIB), client);
    hangUp();
    expect([await copying, await isThere()]).toEqual(["client", false]);
  });
});

describe("a client that waits", () => {
  it("sets the pace: what it does not take is not read", async () => {
    const size = 200 * MIB;
    const source = new Source(size);
    const { readable, client } = clientOf(size);
    const copying = copy(source.stream, size, sink(size), client);
    const reader = readable.getReader();
    await reader.read();
    await expect.poll(() => source.taken).toBeGreaterThan(0);
    await scheduler.wait(300);
    expect(source.taken).toBeLessThan(2 * MIB);
    await reader.cancel();
    expect(await copying).toBe("client");
  });

  it("does so no longer than a bucket that stalls, which is given up", async () => {
    let isAborted = false;
    const silent: Sink = {
      write: () => new Promise(() => undefined),
      close: () => new Promise(() => undefined),
      abort: async () => {
        isAborted = true;
      },
    };
    const { readable, client } = clientOf(2 * MIB);
    const taken = new Response(readable).arrayBuffer();
    expect(await copy(new Source(2 * MIB).stream, 2 * MIB, silent, client, 50)).toBe("bucket");
    expect((await taken).byteLength).toBe(2 * MIB);
    expect(isAborted).toBe(true);
  });

  it.each<[string, R2Bucket, number]>([
    ["a put", { put: () => Promise.reject(new Error("internal error")) } as unknown as R2Bucket, 4 * MIB],
    ["an upload", { createMultipartUpload: () => Promise.reject(new Error("internal error")) } as unknown as R2Bucket, 8 * MIB],
    [
      "a part",
      {
        createMultipartUpload: async () => ({
          uploadPart: () => Promise.reject(new Error("internal error")),
          abort: () => Promise.reject(new Error("internal error")),
        }),
      } as unknown as R2Bucket,
      8 * MIB,
    ],
  ])("has its file although %s fails", async (_, failing, size) => {
    const { readable, client } = clientOf(size);
    const taken = new Response(readable).arrayBuffer();
    expect(await copy(new Source(size).stream, size, openSink(failing, content(size), SMALL), client)).toBe("bucket");
    expect((await taken).byteLength).toBe(size);
  });
});

it("a file for nobody is given up where the bucket fails", async () => {
  const source = new Source(50 * MIB);
  const failing = { put: () => Promise.reject(new Error("internal error")) } as unknown as R2Bucket;
  const into = openSink(failing, content(50 * MIB), { ...SMALL, whole: 60 * MIB });
  expect(await copy(source.stream, 50 * MIB, into)).toBe("bucket");
  expect(source.taken).toBeLessThan(10 * MIB);
});
