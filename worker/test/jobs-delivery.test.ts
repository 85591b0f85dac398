import { reset, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { beat } from "../src/jobs/consumer";
import { ARRIVAL, ATTEMPTS, type JobRecord, LEASE, type NewJob, PATIENCE } from "../src/jobs/record";
import { ask, problemOf } from "./asking";
import { age, deliver, finished, keys, made, record, seen, store, stubOf } from "./jobs";
import { answered, CONNECTION_LOST, newPlatform, ocrPlatform, type Service } from "./platform";

const QUEUE = "offing-jobs";
const DAY = 86_400_000;
const ID = "0123456789abcdef0123456789abcdef";
const NEW: NewJob = {
  id: ID,
  caller: null,
  requestId: "its-id",
  webhook: null,
  work: { service: "ocr", query: "", contentType: "image/png", accept: "" },
  keep: DAY,
};

/** A job whose message the test delivers, or loses. Its queue has none of it. */
async function unsent(given: Partial<JobRecord> = {}): Promise<{ id: string; location: string }> {
  await stubOf(NEW).reserve(NEW);
  await store().put(`jobs/${ID}/body`, "the body");
  await runInDurableObject(stubOf(NEW), (_, { storage }) => {
    const kept = storage.kv.get<JobRecord>("job");
    storage.kv.put("job", { ...kept, state: "queued", due: Date.now() + PATIENCE, ...given });
  });
  return { id: ID, location: `/ocr/jobs/${ID}` };
}

const look = async (): Promise<Record<string, unknown>> => (await ask(`/ocr/jobs/${ID}`)).json();
const alarm = (): Promise<boolean> => runDurableObjectAlarm(stubOf(NEW));

/** Answers a first time by one service, and then by another. */
function firstThen(...services: Service[]): Service {
  let calls = 0;
  return (request) => {
    const service = services[Math.min(calls, services.length - 1)] as Service;
    calls += 1;
    return service(request);
  };
}

const reads: Service = (request) => answered(request, "the text", { headers: { "Content-Type": "text/plain" } });
const fails: Service = (request) => answered(request, "trouble", { status: 500 });
const breaks: Service = (request) => {
  const body = new ReadableStream({
    start: (controller) => controller.enqueue(new Uint8Array(2 * 1024 * 1024)),
    pull: (controller) => controller.error(new Error(CONNECTION_LOST)),
  });
  return answered(request, body);
};

beforeEach(() => {
  newPlatform();
  ocrPlatform.service = reads;
});
afterEach(async () => {
  vi.restoreAllMocks();
  await reset();
});

describe("an attempt that comes to nothing", () => {
  it.each<[string, Service]>([
    ["a 500", fails],
    ["a 503", (request) => answered(request, "busy", { status: 503, headers: { "Retry-After": "0" } })],
    ["an answer that breaks off", breaks],
  ])("is followed by another: %s", async (_, service) => {
    ocrPlatform.service = firstThen(service, service, reads);
    const job = await finished(await made());
    expect(job).toMatchObject({ state: "succeeded", attempts: 3 });
    expect(await (await ask(`${job.location}/result`)).text()).toBe("the text");
    expect(await keys()).toEqual([`jobs/${job.id}/result/3`]);
  });

  it("five times is the end: the dead letter fails the job", async () => {
    ocrPlatform.service = fails;
    const job = await finished(await made());
    expect(job).toMatchObject({ state: "failed", attempts: ATTEMPTS, result: null });
    expect(job.problem).toMatchObject({ code: "job-failed", status: 502, detail: "The job gave up after 5 attempts." });
    const result = await ask(`${job.location}/result`);
    expect([result.status, result.headers.get("Content-Type")]).toEqual([502, "application/problem+json"]);
    expect(await result.json()).toEqual(job.problem);
    expect(ocrPlatform.ports).toHaveLength(ATTEMPTS);
    expect(await keys()).toEqual([]);
  }, 20_000);

  it("waits longer each time, and at least as long as the service says", async () => {
    const bindings = { ...env, OFFING_JOBS_RETRY_SECONDS: "10" };
    await unsent();
    ocrPlatform.service = fails;
    const pauses = [];
    for (let attempt = 0; attempt < 3; attempt += 1) pauses.push(...(await deliver([{ id: ID }], QUEUE, bindings)));
    expect(pauses).toEqual([10, 40, 160].map((again) => ({ acknowledged: false, again })));
    ocrPlatform.service = (request) => answered(request, "", { status: 503, headers: { "Retry-After": "900" } });
    expect(await deliver([{ id: ID }], QUEUE, bindings)).toEqual([{ acknowledged: false, again: 900 }]);
    expect(await look()).toMatchObject({ state: "queued", attempts: 4 });
  });
});

describe("a message", () => {
  it("that comes twice is worked on once", async () => {
    await unsent();
    let calls = 0;
    ocrPlatform.service = async (request) => {
      calls += 1;
      await scheduler.wait(50);
      return reads(request);
    };
    const told = await deliver([{ id: ID }, { id: ID }]);
    expect(told).toEqual([{ acknowledged: true, again: undefined }, { acknowledged: true, again: undefined }]);
    expect(await deliver([{ id: ID }])).toEqual([{ acknowledged: true, again: undefined }]);
    expect(calls).toBe(1);
    expect(await look()).toMatchObject({ state: "succeeded", attempts: 1 });
  });

  const NO_JOBS: readonly unknown[] = [null, "x", {}, { id: 5 }, { id: "../../etc" }, { id: ID }];

  it.each(NO_JOBS)("that means no job is dropped: %j", async (body) => {
    expect(await deliver([body])).toEqual([{ acknowledged: true, again: undefined }]);
    expect(await deliver([body], "offing-jobs-dead")).toEqual([{ acknowledged: true, again: undefined }]);
    expect(ocrPlatform.ports).toEqual([]);
  });

  it("comes again where the job can't be asked", async () => {
    const JOB = { idFromName: () => undefined, get: () => ({ start: () => Promise.reject(new Error("overloaded")) }) };
    const told = await deliver([{ id: ID }], QUEUE, { ...env, JOB: JOB as unknown as NonNullable<Env["JOB"]> });
    expect(told).toEqual([{ acknowledged: false, again: 30 }]);
  });

  it("that never comes is sent anew", async () => {
    await unsent();
    await age(NEW, PATIENCE);
    await alarm();
    await expect.poll(async () => (await look())["state"], { timeout: 10_000 }).toBe("succeeded");
  });

  it("that is a dead letter fails a job that waits, and no other", async () => {
    await unsent({ attempts: 2, state: "running", due: Date.now() + LEASE });
    await deliver([{ id: ID }], "offing-jobs-dead");
    expect(await look()).toMatchObject({ state: "running" });
    await age(NEW, LEASE);
    await deliver([{ id: ID }], "offing-jobs-dead");
    expect(await look()).toMatchObject({ state: "failed", problem: { detail: "The job gave up after 2 attempts." } });
    await reset();
    await unsent();
    await deliver([{ id: ID }]);
    await deliver([{ id: ID }], "offing-jobs-dead");
    expect(await look()).toMatchObject({ state: "succeeded" });
  });
});

describe("who works on a job may end at any moment", () => {
  it("and the work begins anew once it has not been heard of for long", async () => {
    await unsent();
    expect(await stubOf(NEW).start()).toMatchObject({ attempt: 1 });
    expect(await deliver([{ id: ID }])).toEqual([{ acknowledged: true, again: undefined }]);
    expect(await look()).toMatchObject({ state: "running", attempts: 1 });
    await age(NEW, LEASE);
    await alarm();
    await expect.poll(async () => (await look())["state"], { timeout: 10_000 }).toBe("succeeded");
    expect(await look()).toMatchObject({ attempts: 2 });
  });

  it("and where the message comes again first, the work begins with that", async () => {
    await unsent({ attempts: 1, state: "running", due: Date.now() - 1 });
    await deliver([{ id: ID }]);
    expect(await look()).toMatchObject({ state: "succeeded", attempts: 2 });
  });

  it("five times, and then it is given up", async () => {
    await unsent({ attempts: ATTEMPTS, state: "running", due: Date.now() - 1 });
    await alarm();
    expect(await look()).toMatchObject({ state: "failed", attempts: 5, problem: { code: "job-failed" } });
  });

  it("or be late: then the outcome that counts is another's", async () => {
    await unsent();
    const late = await stubOf(NEW).start();
    await age(NEW, LEASE);
    await deliver([{ id: ID }]);
    const result = { status: 200, contentType: "text/late", bytes: 1, etag: null, commit: null };
    expect(await stubOf(NEW).succeed(late?.attempt ?? 0, result)).toBe(false);
    expect(await stubOf(NEW).fail(late?.attempt ?? 0, { status: 400, text: "{}" })).toBe(false);
    expect(await stubOf(NEW).renew(late?.attempt ?? 0)).toBe(false);
    expect(await stubOf(NEW).postpone(late?.attempt ?? 0, 0)).toBe(false);
    expect(await look()).toMatchObject({ state: "succeeded", attempts: 2, result: { content_type: "text/plain" } });
  });

  it("and says meanwhile that it goes on, until the job is forgotten", async () => {
    await unsent();
    await stubOf(NEW).start();
    await age(NEW, LEASE - 10_000);
    const dropped = new AbortController();
    const beating = beat(stubOf(NEW), 1, dropped, 20);
    const left = async (): Promise<number> => ((await record(NEW))?.due ?? 0) - Date.now();
    await expect.poll(left, { timeout: 10_000 }).toBeGreaterThan(LEASE / 2);
    expect(dropped.signal.aborted).toBe(false);
    await ask(`/ocr/jobs/${ID}`, { method: "DELETE" });
    await beating;
    expect(dropped.signal.aborted).toBe(true);
  });

  it.each<[string, Service]>([
    ["never answers", () => new Promise<Response>(() => undefined)],
    ["never ends its answer", (request) => answered(request, new ReadableStream({ pull: () => new Promise(() => undefined) }))],
  ])("and does not wait for ever for a service that %s", async (_, service) => {
    await unsent();
    const timeout = vi.spyOn(AbortSignal, "timeout").mockImplementation(() => {
      const limit = new AbortController();
      setTimeout(() => limit.abort(new Error("too long")), 300);
      return limit.signal;
    });
    ocrPlatform.service = service;
    expect(await deliver([{ id: ID }])).toEqual([{ acknowledged: false, again: 0 }]);
    timeout.mockRestore();
    expect(await look()).toMatchObject({ state: "queued", attempts: 1 });
    expect(await keys()).toEqual([`jobs/${ID}/body`]);
  });
});

describe("a job is forgotten", () => {
  it("a while after it has finished, with its result", async () => {
    const job = await finished(await made());
    await age(job, DAY);
    await problemOf(await ask(job.location), 404, "job-not-found");
    await runDurableObjectAlarm(stubOf(job));
    expect(await record(job)).toBeUndefined();
    expect(await keys()).toEqual([]);
  });

  it("where it never finishes, with its body", async () => {
    await unsent();
    await age(NEW, DAY);
    await alarm();
    expect(await record(NEW)).toBeUndefined();
    expect(await keys()).toEqual([]);
  });

  it("where its body never became whole", async () => {
    await stubOf(NEW).reserve(NEW);
    await store().put(`jobs/${ID}/body`, "half of it");
    await problemOf(await ask(`/ocr/jobs/${ID}`), 404, "job-not-found");
    await alarm();
    expect(await record(NEW)).toBeDefined();
    await age(NEW, ARRIVAL);
    await alarm();
    expect(await record(NEW)).toBeUndefined();
    expect(await keys()).toEqual([]);
  });

  it("where the store fails, as soon as that lets it be", async () => {
    const job = await finished(await made());
    const failing = vi.spyOn(Object.getPrototypeOf(store()) as R2Bucket, "delete").mockRejectedValue(new Error("down"));
    expect((await ask(job.location, { method: "DELETE" })).status).toBe(204);
    failing.mockRestore();
    await problemOf(await ask(job.location), 404, "job-not-found");
    await runDurableObjectAlarm(stubOf(job));
    expect(await record(job)).toBeUndefined();
    expect(await keys()).toEqual([]);
  });

  it("and an attempt that goes on is told so", async () => {
    await unsent();
    await stubOf(NEW).start();
    expect((await ask(`/ocr/jobs/${ID}`, { method: "DELETE" })).status).toBe(204);
    expect(await stubOf(NEW).renew(1)).toBe(false);
  });
});

it("asking for jobs that were never made keeps nothing", async () => {
  await ask(`/ocr/jobs/${ID}`);
  await ask(`/ocr/jobs/${ID}`, { method: "DELETE" });
  await deliver([{ id: ID }]);
  const size = ({ id }: { id: string }): Promise<number> =>
    runInDurableObject(stubOf({ id }), (_, { storage }) => storage.sql.databaseSize);
  const nothing = await size({ id: "nobody has asked" });
  expect(await size(NEW)).toBe(nothing);
  await unsent();
  expect(await size(NEW)).toBeGreaterThan(nothing);
  await ask(`/ocr/jobs/${ID}`, { method: "DELETE" });
  expect(await size(NEW)).toBe(nothing);
});

it("a log tells of jobs without their ids, which are secrets", async () => {
  const lines: string[] = [];
  const keep = (line: string): void => void lines.push(line);
  vi.spyOn(console, "log").mockImplementation(keep);
  vi.spyOn(console, "error").mockImplementation(keep);
  ocrPlatform.service = firstThen(breaks, fails, reads);
  const job = await made();
  await finished(job);
  await seen(job);
  await ask(job.location, { method: "DELETE" });
  expect(lines.map((line) => (JSON.parse(line) as { event: string }).event)).toContain("job");
  expect(lines.join("\n")).not.toContain(job.id);
});
