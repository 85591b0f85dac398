import { env, reset, runDurableObjectAlarm } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ask, problemOf, streamed } from "./asking";
import { answered, CONNECTION_LOST, draining, newPlatform, platform, type Service, xetPlatform } from "./platform";

const MIB = 1024 * 1024;
const FILE = "/download/acme/model/model.safetensors";

/** A file of so many MiB that is made while it is taken; counts what was taken, and says when nobody wants more. */
class File {
  taken = 0;
  left = false;

  constructor(
    readonly mebibytes: number,
    readonly end: (controller: ReadableStreamDefaultController) => void = (controller) => controller.close(),
  ) {}

  readonly answer: Service = (request) => {
    const body = new ReadableStream(
      {
        pull: (controller) => {
          this.taken += 1;
          controller.enqueue(new Uint8Array(MIB).fill(this.taken));
          if (this.taken === this.mebibytes) this.end(controller);
        },
        cancel: () => {
          this.left = true;
        },
      },
      { highWaterMark: 0 },
    );
    return answered(request, body, { headers: { "Content-Length": `${this.mebibytes * MIB}`, ETag: '"a1"' } });
  };
}

beforeEach(() => {
  newPlatform();
});
afterEach(reset);

describe("a path of Xet", () => {
  it.each([
    "/download/acme/model/folder/a.bin",
    "/download-hash/0123",
    "/repos/acme/model",
    "/api/models/acme/model/tree/main",
    "/gpt2/resolve/main/config.json",
    "/acme/model/resolve/main/config.json",
    "/acme/model/resolve/refs%2Fpr%2F1/folder/config.json",
    "/datasets/acme/data/resolve/main/a.parquet",
    "/spaces/acme/space/resolve/main/app.py",
    // Its container knows no such file; but what it answers, it also guards.
    "/a/b/c/resolve/main/a",
    "/xet/health",
  ])("%s reaches its container as it is", async (path) => {
    xetPlatform.service = (request) => answered(request, request.url);
    expect(await (await ask(`${path}?revision=a%2Fb`)).text()).toBe(`http://offing.example${path}?revision=a%2Fb`);
    expect(platform.starts).toEqual([]);
  });

  it.each(["/acme/model/resolve/", "/acme/model/resolve", "/acme/model/raw/main/a", "/downloads/a"])(
    "is not %s",
    async (path) => {
      await problemOf(await ask(path), 404, "not-found");
      expect(xetPlatform.starts).toEqual([]);
    },
  );

  it("is none that begins as another service's do", async () => {
    platform.service = (request) => answered(request, "insights");
    expect(await (await ask("/v1/image/resolve/main/a")).text()).toBe("insights");
  });
});

it("the container is handed its own variables and those of Hugging Face's tools, others are not", async () => {
  await (await ask(FILE)).text();
  await (await ask("/v1/image/analysis")).text();
  expect(xetPlatform.starts[0]?.env).toEqual({
    HF_ENDPOINT: "http://127.0.0.1:9",
    HF_TOKEN: "secret",
    OFFING_LOG_LEVEL: "warning",
    OFFING_REQUEST_SECONDS: "780",
    OFFING_XET_CACHE_BYTES: expect.stringMatching(/^[0-9]+$/),
    OFFING_XET_TOKEN: "secret",
  });
  expect(platform.starts[0]?.env).toEqual({ OFFING_LOG_LEVEL: "warning", OFFING_REQUEST_SECONDS: "780" });
});

describe("a download", () => {
  it("passes with its length and all that is told of it, and is not held", async () => {
    const file = new File(200);
    xetPlatform.service = file.answer;
    const answer = await ask(FILE);
    expect([answer.headers.get("Content-Length"), answer.headers.get("ETag")]).toEqual([`${200 * MIB}`, '"a1"']);
    const reader = answer.body?.getReader();
    await reader?.read();
    await scheduler.wait(300);
    expect(file.taken).toBeLessThan(10);
    let size = 0;
    for (let next = await reader?.read(); next && !next.done; next = await reader?.read()) size += next.value.length;
    expect([file.taken, size > 199 * MIB]).toEqual([200, true]);
  });

  it("of a part is asked for, and answered, as a part", async () => {
    let seen: Headers | undefined;
    xetPlatform.service = (request) => {
      seen = request.headers;
      const headers = { "Content-Length": "3", "Content-Range": "bytes 5-7/12", "X-Offing-Verified": "chunks" };
      return answered(request, "abc", { status: 206, headers });
    };
    const asked = { Range: "bytes=5-7", "If-Range": '"a1"', Authorization: "Bearer hf_x", "Accept-Encoding": "identity" };
    const answer = await ask(FILE, { headers: asked });
    expect(Object.fromEntries(seen ?? [])).toMatchObject({
      range: "bytes=5-7",
      "if-range": '"a1"',
      authorization: "Bearer hf_x",
      "accept-encoding": "identity",
    });
    expect([answer.status, await answer.text()]).toEqual([206, "abc"]);
    expect(answer.headers.get("Content-Range")).toBe("bytes 5-7/12");
    expect(answer.headers.get("X-Offing-Verified")).toBe("chunks");
  });

  it.each([200, 304])("that is only asked about has a length and no bytes, with status %i", async (status) => {
    const headers = { "Content-Length": `${5 * MIB}`, ETag: '"a1"' };
    xetPlatform.service = (request) => answered(request, status === 200 ? streamed() : null, { status, headers });
    const answer = await ask(FILE, { method: "HEAD" });
    expect([answer.status, answer.headers.get("ETag"), await answer.text()]).toEqual([status, '"a1"', ""]);
    expect(answer.headers.get("Content-Length")).toBe(headers["Content-Length"]);
  });

  it("has the service close connections that cannot be used again", async () => {
    xetPlatform.service = (request) => answered(request, request.headers.get("X-Offing-Bodiless"));
    expect(await (await ask(FILE, { headers: { "X-Offing-Bodiless": "keep" } })).text()).toBe("close");
  });

  it("that the client has already is a 304", async () => {
    xetPlatform.service = (request) => answered(request, null, { status: 304, headers: { ETag: '"a1"' } });
    const answer = await ask(FILE, { headers: { "If-None-Match": '"a1"' } });
    expect([answer.status, answer.headers.get("ETag"), await answer.text()]).toEqual([304, '"a1"', ""]);
  });

  it("that breaks off midway breaks off at the client, and is not asked for anew", async () => {
    const file = new File(8, (controller) => controller.error(new Error(CONNECTION_LOST)));
    xetPlatform.service = file.answer;
    const answer = await ask(FILE);
    expect(answer.status).toBe(200);
    await expect(answer.arrayBuffer()).rejects.toThrow();
    expect(xetPlatform.ports).toHaveLength(1);
  });

  it("that ends before its announced length breaks off at the client", async () => {
    xetPlatform.service = (request) =>
      answered(request, new Uint8Array(2 * MIB), { headers: { "Content-Length": `${3 * MIB}` } });
    await expect(ask(FILE).then((answer) => answer.arrayBuffer())).rejects.toThrow();
  });

  it("whose client hangs up midway ends in the container", async () => {
    const file = new File(200);
    xetPlatform.service = file.answer;
    const reader = (await ask(FILE)).body?.getReader();
    await reader?.read();
    await reader?.cancel();
    await expect.poll(() => file.left).toBe(true);
    expect(file.taken).toBeLessThan(10);
  });

  it("keeps the container awake until its end, however slowly it is read", async () => {
    xetPlatform.service = new File(4).answer;
    const reader = (await ask(FILE)).body?.getReader();
    const object = env.XET.get(env.XET.idFromName("instance-0"));
    for (const begun = Date.now(); Date.now() - begun < 2_000; await scheduler.wait(100)) {
      await runDurableObjectAlarm(object);
    }
    expect(xetPlatform.signals).toEqual([]);
    while (!(await reader?.read())?.done);
    const signals = (): Promise<number[]> => runDurableObjectAlarm(object).then(() => xetPlatform.signals);
    await expect.poll(signals, { timeout: 5_000 }).toEqual([15]);
  });

  it("is asked for anew where the container that got it drains", async () => {
    const file = new File(8);
    xetPlatform.service = (request) => {
      if (xetPlatform.starts.length > 1) return file.answer(request);
      setTimeout(() => xetPlatform.end(), 100);
      return draining(request);
    };
    expect((await (await ask(FILE)).arrayBuffer()).byteLength).toBe(8 * MIB);
    expect(xetPlatform.starts).toHaveLength(2);
  });
});
