import { evictDurableObject, listDurableObjectIds, reset, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Job } from "../src/jobs/job";
import { ask, problemOf, streamed } from "./asking";
import { sha256 } from "./hub";
import { askDirectly, finished, IMAGE, keys, made, postJob, type Seen, seen, stubOf } from "./jobs";
import { answered, newPlatform, ocrPlatform, type Service } from "./platform";

const MIB = 1024 * 1024;
const UNKNOWN = "0123456789abcdef0123456789abcdef";
const JSON_TYPE = { "Content-Type": "application/json" };

const reads: Service = async (request) =>
  answered(request, JSON.stringify({ read: new TextDecoder().decode(await request.arrayBuffer()) }), { headers: JSON_TYPE });

beforeEach(() => {
  newPlatform();
  ocrPlatform.service = reads;
});
afterEach(async () => {
  vi.restoreAllMocks();
  await reset();
});

describe("a job of OCR", () => {
  it("is accepted with its place, and read behind it", async () => {
    const answer = await postJob("an image");
    const job = await answer.json<Seen>();
    expect(answer.status).toBe(202);
    expect(answer.headers.get("Location")).toBe(`/ocr/jobs/${job.id}`);
    expect(answer.headers.get("Retry-After")).toBe("1");
    expect(answer.headers.get("Cache-Control")).toBe("no-store");
    expect(job).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{32}$/),
      service: "ocr",
      state: "queued",
      attempts: 0,
      created_at: expect.stringMatching(/^20\d\d-.*Z$/),
      started_at: null,
      finished_at: null,
      expires_at: new Date(Date.parse(job.created_at) + 86_400_000).toISOString(),
      location: `/ocr/jobs/${job.id}`,
      result: null,
      problem: null,
    });

    const done = await finished(job);
    const bytes = JSON.stringify({ read: "an image" }).length;
    const location = `/ocr/jobs/${job.id}/result`;
    expect(done).toMatchObject({ id: job.id, state: "succeeded", attempts: 1, problem: null });
    expect(done.result).toEqual({ status: 200, content_type: "application/json", bytes, location });
    expect(Date.parse(done.expires_at) - Date.parse(done.finished_at ?? "")).toBe(86_400_000);
    const result = await ask(location);
    expect(result.status).toBe(200);
    expect(result.headers.get("Content-Type")).toBe("application/json");
    expect(result.headers.get("Content-Length")).toBe(String(bytes));
    expect(await result.json()).toEqual({ read: "an image" });
  });

  it("asks the service as POST /ocr would, without what is the job's alone", async () => {
    vi.spyOn(globalThis, "fetch").mockResolvedValue(new Response()); // what the webhook answers
    let asked: Request | undefined;
    ocrPlatform.service = (request) => {
      asked = request;
      return reads(request);
    };
    const headers = { ...IMAGE, Accept: "text/plain", "X-API-Key": "private", "X-Request-ID": "its-id", Cookie: "private" };
    const hook = encodeURIComponent("https://hooks.example.com/");
    await finished(await made("an image", `?lang=de&webhook=${hook}&format=text`, headers));
    expect(asked?.method).toBe("POST");
    expect(asked?.url).toMatch(/\/ocr\?lang=de&format=text$/);
    const sent = Object.fromEntries(asked?.headers ?? []);
    expect(sent).toMatchObject({ "content-type": "image/png", accept: "text/plain", "x-request-id": "its-id" });
    expect(JSON.stringify(sent)).not.toContain("private");
  });

  it("keeps nothing of the request once it has finished", async () => {
    const { id } = await finished(await made());
    expect(await keys()).toEqual([`jobs/${id}/result/1`]);
  });

  it("shows its state to HEAD, without a body", async () => {
    const job = await finished(await made());
    for (const path of [job.location, `${job.location}/result`]) {
      const answer = await ask(path, { method: "HEAD" });
      expect([answer.status, await answer.text()]).toEqual([200, ""]);
    }
  });

  it.each<[string, () => BodyInit, number]>([
    ["of a known length", () => new Uint8Array(20 * MIB).fill(7), 20 * MIB],
    ["of an unknown length", () => streamed(...Array.from({ length: 20 }, () => new Uint8Array(MIB).fill(7))), 20 * MIB],
    ["that is small and of an unknown length", () => streamed(new Uint8Array(1000)), 1000],
  ])("takes a body %s whole", async (_, body, size) => {
    ocrPlatform.service = async (request) => {
      let read = 0;
      for await (const part of request.body ?? []) read += part.length;
      return answered(request, `${read} ${request.headers.get("Content-Length")}`);
    };
    const job = await finished(await made(body()));
    expect(await (await ask(`${job.location}/result`)).text()).toBe(`${size} ${size}`);
  });

  it.each([
    ["of a known length", true],
    ["that is streamed", false],
  ])("keeps a large answer %s whole", async (_, isKnown) => {
    ocrPlatform.service = (request) => {
      const parts = Array.from({ length: 12 }, (_, index) => new Uint8Array(MIB).fill(index));
      const headers = { "Content-Type": "application/x-ndjson", ...(isKnown && { "Content-Length": String(12 * MIB) }) };
      return answered(request, streamed(...parts), { headers });
    };
    const job = await finished(await made());
    expect(job.result).toMatchObject({ bytes: 12 * MIB, content_type: "application/x-ndjson" });
    const result = new Uint8Array(await (await ask(`${job.location}/result`)).arrayBuffer());
    expect(result.length).toBe(12 * MIB);
    expect([0, 3, 11].map((index) => result[index * MIB])).toEqual([0, 3, 11]);
  });

  it("that the service refuses has failed, with the service's words", async () => {
    const problem = { type: "urn:offing:problem:broken-document", status: 422, code: "broken-document", error: "x" };
    ocrPlatform.service = (request) =>
      answered(request, JSON.stringify(problem), { status: 422, headers: { "Content-Type": "application/problem+json" } });
    const job = await finished(await made());
    expect(job).toMatchObject({ state: "failed", attempts: 1, result: null, problem });
    const result = await ask(`${job.location}/result`);
    expect([result.status, result.headers.get("Content-Type")]).toEqual([422, "application/problem+json"]);
    expect(await result.json()).toEqual(problem);
    expect(await keys()).toEqual([]);
  });

  it("that is refused in no problem's words has a problem all the same", async () => {
    ocrPlatform.service = (request) => answered(request, "<html>", { status: 418 });
    expect((await finished(await made())).problem).toMatchObject({ status: 418, code: "refused" });
  });

  it("has no result before it has finished, and outlives its Durable Object's memory", async () => {
    let asked = false;
    let released = false;
    ocrPlatform.service = async (request) => {
      asked = true;
      while (!released) await scheduler.wait(5);
      return reads(request);
    };
    const job = await made();
    await expect.poll(() => asked, { timeout: 10_000 }).toBe(true);
    const running = await ask(job.location);
    expect(running.headers.get("Retry-After")).toBe("1");
    expect(await running.json()).toMatchObject({ state: "running", attempts: 1 });
    const answer = await ask(`${job.location}/result`);
    expect(answer.headers.get("Retry-After")).toBe("1");
    await problemOf(answer, 409, "job-not-finished");
    await evictDurableObject(stubOf(job));
    released = true;
    expect((await finished(job)).state).toBe("succeeded");
    expect((await ask(job.location)).headers.get("Retry-After")).toBeNull();
  });
});

describe("a job that is deleted", () => {
  it("is gone, with its result", async () => {
    const job = await finished(await made());
    const answer = await ask(job.location, { method: "DELETE" });
    expect([answer.status, await answer.text()]).toEqual([204, ""]);
    for (const [path, method] of [[job.location, "GET"], [`${job.location}/result`, "GET"], [job.location, "DELETE"]]) {
      await problemOf(await ask(path ?? "", { method: method ?? "" }), 404, "job-not-found");
    }
    expect(await keys()).toEqual([]);
  });

  it("while it is worked on, leaves nothing behind", async () => {
    let asked = false;
    let released = false;
    ocrPlatform.service = async (request) => {
      asked = true;
      while (!released) await scheduler.wait(5);
      const answer = await reads(request);
      asked = false;
      return answer;
    };
    const job = await made();
    await expect.poll(() => asked, { timeout: 10_000 }).toBe(true);
    expect((await ask(job.location, { method: "DELETE" })).status).toBe(204);
    expect(await keys()).toEqual([]);
    released = true;
    await expect.poll(() => asked).toBe(false);
    // The outcome is written, found to count no more, and deleted.
    await finished(await made("another"));
    await problemOf(await ask(job.location), 404, "job-not-found");
    expect((await keys()).filter((key) => key.includes(job.id))).toEqual([]);
  });
});

describe("there is no job", () => {
  it.each(["/ocr/jobs/", "/download/jobs/"])("below %s that was never made", async (place) => {
    await problemOf(await ask(place + UNKNOWN), 404, "job-not-found");
    await problemOf(await ask(place + UNKNOWN, { method: "DELETE" }), 404, "job-not-found");
  });

  it.each(["x", UNKNOWN.toUpperCase(), `${UNKNOWN}0`, "a%20b"])("of the id %s", async (id) => {
    await problemOf(await ask(`/ocr/jobs/${id}`), 404, "job-not-found");
    await problemOf(await ask(`/ocr/jobs/${id}/result`), 404, "job-not-found");
  });

  it("of OCR among those of downloads", async () => {
    const job = await made();
    await problemOf(await ask(`/download/jobs/${job.id}`), 404, "job-not-found");
    await problemOf(await ask(`/download/jobs/${job.id}`, { method: "DELETE" }), 404, "job-not-found");
    expect((await seen(job)).id).toBe(job.id);
  });
});

it.each([
  ["/ocr/jobs", "GET", "POST"],
  ["/ocr/jobs", "DELETE", "POST"],
  ["/download/jobs", "GET", "POST"],
  [`/ocr/jobs/${UNKNOWN}`, "POST", "GET, HEAD, DELETE"],
  [`/ocr/jobs/${UNKNOWN}/result`, "DELETE", "GET, HEAD"],
  [`/download/jobs/${UNKNOWN}`, "PUT", "GET, HEAD, DELETE"],
])("%s does not answer %s", async (path, method, allowed) => {
  const answer = await ask(path, { method });
  await problemOf(answer, 405, "method-not-allowed");
  expect(answer.headers.get("Allow")).toBe(allowed);
});

it.each([`/ocr/jobs/${UNKNOWN}/more`, "/ocr/jobs/", `/ocr/jobs/${UNKNOWN}/result/1`])("the path %s is the service's", async (path) => {
  ocrPlatform.service = (request) => answered(request, "the service", { status: 404 });
  expect(await (await ask(path)).text()).toBe("the service");
});

describe("a job is refused at once", () => {
  it.each<[string, BodyInit | null, HeadersInit, number, string]>([
    ["of a type that is not read", "x", { "Content-Type": "application/json" }, 415, "unsupported-body"],
    ["of an empty file", "", IMAGE, 422, "empty-document"],
    ["without a body", null, {}, 422, "missing-field"],
  ])("%s", async (_, body, headers, status, code) => {
    const answer = await ask("/ocr/jobs", { method: "POST", body, headers });
    expect(await answer.json()).toMatchObject({ status, code });
    expect(answer.status).toBe(status);
    expect(await keys()).toEqual([]);
  });

  it.each([
    ["is announced", { "Content-Length": String(20 * MIB) }],
    ["comes without its length", {}],
  ])("where a body %s and breaks off, and leaves nothing behind", async (_, announced) => {
    let parts = 0;
    const body = new ReadableStream({
      pull(controller) {
        parts += 1;
        if (parts > 12) controller.error(new Error("gone"));
        else controller.enqueue(new Uint8Array(MIB));
      },
    });
    const headers = { ...IMAGE, ...announced };
    await problemOf(await askDirectly("/ocr/jobs", { method: "POST", body, headers }), 400, "bad-request");
    expect(await keys()).toEqual([]);
    for (const id of env.JOB ? await listDurableObjectIds(env.JOB) : []) {
      const kept = await runInDurableObject(env.JOB?.get(id) as DurableObjectStub<Job>, (_, { storage }) => storage.kv.get("job"));
      expect(kept).toBeUndefined();
    }
  });

  it.each([
    ["is announced", () => new Uint8Array(3000)],
    ["comes without its length", () => streamed(new Uint8Array(3000))],
  ])("where a body %s and is too large", async (_, body) => {
    const bindings = { ...env, OCR_MAX_BODY_BYTES: "2000" };
    const answer = await askDirectly("/ocr/jobs", { method: "POST", body: body(), headers: IMAGE }, bindings);
    await expect(answer.json()).resolves.toMatchObject({ code: "too-large", status: 413, max_size_bytes: 2000 });
    await expect.poll(keys).toEqual([]);
  });

  it.each(["JOB", "JOBS", "STORE"])("where jobs are not set up, for want of %s", async (name) => {
    const answer = await askDirectly("/ocr/jobs", { method: "POST", body: "x", headers: IMAGE }, { ...env, [name]: undefined });
    await problemOf(answer, 501, "jobs-not-set-up");
  });

  it("where the queue takes none, and leaves nothing behind", async () => {
    vi.spyOn(Object.getPrototypeOf(env.JOBS) as Queue, "send").mockRejectedValue(new Error("full"));
    const answer = await postJob("x");
    expect(answer.headers.get("Retry-After")).toBe("10");
    await problemOf(answer, 503, "jobs-full");
    expect(await keys()).toEqual([]);
  });
});

describe("a job belongs to the key that made it", () => {
  const OWNER = "ofk_owner";
  const OTHER = "ofk_other";
  let bindings: Env;

  beforeEach(async () => {
    const hashes = await Promise.all([OWNER, OTHER].map((key) => sha256(new TextEncoder().encode(key))));
    bindings = { ...env, OFFING_API_KEYS: hashes.map((hash) => `sha256:${hash}`).join(",") };
  });

  const as = (key: string, path: string, method = "GET"): Promise<Response> =>
    askDirectly(path, { method, headers: { "X-API-Key": key } }, bindings);

  it("and is there for nobody else", async () => {
    const headers = { ...IMAGE, "X-API-Key": OWNER };
    const answer = await askDirectly("/ocr/jobs", { method: "POST", body: "x", headers }, bindings);
    const { location } = await answer.json<Seen>();
    const state = async (): Promise<string> => (await (await as(OWNER, location)).json<Seen>()).state;
    await expect.poll(state, { timeout: 20_000 }).toBe("succeeded");
    for (const path of [location, `${location}/result`]) {
      await problemOf(await as(OTHER, path), 404, "job-not-found");
      await problemOf(await ask(path), 404, "job-not-found"); // as it is once keys are off
    }
    await problemOf(await as(OTHER, location, "DELETE"), 404, "job-not-found");
    expect((await as(OWNER, `${location}/result`)).status).toBe(200);
    expect((await as(OWNER, location, "DELETE")).status).toBe(204);
  });

  it("and is made by nobody without one", async () => {
    const answer = await askDirectly("/ocr/jobs", { method: "POST", body: "x", headers: IMAGE }, bindings);
    expect(answer.status).toBe(401);
    expect(await keys()).toEqual([]);
  });
});
