import { createExecutionContext, env, waitOnExecutionContext } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import { Asked } from "../src/asked";
import { keeping, MOST } from "../src/files/keeping";
import worker from "../src/index";
import { COMMIT, contentOf, redirected } from "./hub";
import { answered, type Service, xetPlatform } from "./platform";
import { ask, bucket, bytes, eachWithItsHub, etag, FILE, hub, key, MIB, pieces, RESOLVED, whole } from "./stored";

eachWithItsHub();

describe("a file comes into the bucket", () => {
  const kept = async (): Promise<string[]> => (await bucket.list()).objects.map((each) => each.key);

  it("not where the hub does not say what it is", async () => {
    await hub.says({ [RESOLVED]: redirected(bytes.length, "no-hash") });
    xetPlatform.service = whole(bytes, { ETag: '"no-hash"' });
    expect((await ask(FILE)).body).toEqual(bytes);
    expect(await kept()).toEqual([]);
  });

  it.each<[string, Service]>([
    ["is not verified", whole(bytes, { "X-Offing-Verified": "no" })],
    ["is another file by now", whole(bytes, { ETag: '"other"' })],
    ["is compressed", whole(bytes, { "Content-Encoding": "identity" })],
    ["is an error", (request) => answered(request, "busy", { status: 503 })],
  ])("not where the answer %s", async (_, service) => {
    xetPlatform.service = service;
    await ask(FILE);
    expect(await kept()).toEqual([]);
  });

  it.each<Partial<Env>>([{ XET_STORE_MIN_BYTES: "5000000" }, { XET_STORE_MAX_BYTES: "1000" }, { XET_STORE_MAX_BYTES: "0" }])(
    "not where it is too small or too large: %o",
    async (vars) => {
      xetPlatform.service = whole();
      expect((await ask(FILE, {}, vars)).body).toEqual(bytes);
      expect(await kept()).toEqual([]);
    },
  );

  it("not of a part, nor of its head", async () => {
    xetPlatform.service = (request) => answered(request, "0123456789", { status: 206 });
    await ask(FILE, { headers: { Range: "bytes=0-9" } });
    xetPlatform.service = whole();
    await ask(FILE, { method: "HEAD" });
    expect(await kept()).toEqual([]);
  });

  it("under the content store's hash, or for git's within its repository", async () => {
    const xetHash = "ab".repeat(32);
    await hub.says({ [RESOLVED]: redirected(bytes.length, etag, { "X-Xet-Hash": xetHash }) });
    xetPlatform.service = whole();
    await ask(FILE);
    const git = "cd".repeat(20);
    const headers = { "Content-Length": String(bytes.length), ETag: `W/"${git}"`, "X-Repo-Commit": COMMIT };
    await hub.says({ [RESOLVED]: { status: 200, headers } });
    xetPlatform.service = whole(bytes, { ETag: `"${git}"` });
    await ask(FILE);
    expect(await kept()).toEqual([`xet/git/models/acme/model/${git}`, `xet/xet/${xetHash}`]);
  });

  it("not where its bytes are not those of its hash, though the client has them", async () => {
    const other = contentOf(bytes.length, 8);
    xetPlatform.service = whole(other);
    expect((await ask(FILE)).body).toEqual(other);
    expect(await kept()).toEqual([]);
  });

  it("not where the container's stream breaks off, which breaks the client's", async () => {
    xetPlatform.service = (request) => {
      const { headers } = whole()(request) as Response;
      return answered(request, pieces(bytes.subarray(0, MIB), true), { headers });
    };
    await expect(ask(FILE)).rejects.toThrow();
    expect(await kept()).toEqual([]);
  });

  it("not where the client leaves, and the container is told", async () => {
    let left = false;
    xetPlatform.service = (request) => {
      const { headers } = whole()(request) as Response;
      const body = new ReadableStream({
        pull: async (controller) => {
          await scheduler.wait(5);
          controller.enqueue(new Uint8Array(1000));
        },
        cancel: () => {
          left = true;
        },
      });
      return answered(request, body, { headers });
    };
    const ctx = createExecutionContext();
    const request = new Request(`https://offing.example${FILE}`);
    const answer = await worker.fetch(request as never, { ...env, HF_ENDPOINT: hub.endpoint }, ctx);
    const reader = answer.body?.getReader();
    await reader?.read();
    await reader?.cancel();
    await waitOnExecutionContext(ctx);
    await expect.poll(() => left).toBe(true);
    expect(await kept()).toEqual([]);
  });

  it("whole, of however many who ask for it at once", async () => {
    xetPlatform.service = whole();
    const answers = await Promise.all([ask(FILE), ask(FILE), ask(FILE)]);
    expect(answers.map(({ body }) => body.length)).toEqual([bytes.length, bytes.length, bytes.length]);
    expect(new Uint8Array((await (await bucket.get(key))?.arrayBuffer()) ?? [])).toEqual(bytes);
  });

  it("never, and nobody notices, where the bucket fails", async () => {
    const failing = new Proxy(bucket, {
      get: () => () => Promise.reject(new Error("we encountered an internal error")),
    });
    xetPlatform.service = whole();
    const answer = await ask(FILE, {}, { STORE: failing });
    expect([answer.status, answer.body]).toEqual([200, bytes]);
    expect(await kept()).toEqual([]);
  });

  it("while few others do: of too many at once the rest pass without", async () => {
    const contexts: ExecutionContext[] = [];
    const controllers: AbortController[] = [];
    const answers = Array.from({ length: MOST + 1 }, (_, index) => {
      const [controller, ctx] = [new AbortController(), createExecutionContext()];
      const request = new Request(`https://offing.example${FILE}`, { signal: controller.signal });
      controllers.push(controller);
      contexts.push(ctx);
      const answer = new Response(new FixedLengthStream(MIB).readable);
      return [answer, keeping(answer, { key: `xet/${index}`, size: MIB, sha256: undefined }, bucket, new Asked(request, env, ctx))];
    });
    expect(answers.map(([given, kept]) => given === kept)).toEqual([...Array<boolean>(MOST).fill(false), true]);
    for (const controller of controllers) controller.abort();
    for (const ctx of contexts) await waitOnExecutionContext(ctx);
    expect(await kept()).toEqual([]);
  });
});
