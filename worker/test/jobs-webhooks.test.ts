import { reset, runDurableObjectAlarm } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { settings } from "../src/container_settings";
import { webhookKey, webhookUrl } from "../src/jobs/webhook";
import { ask } from "./asking";
import { age, askDirectly, finished, IMAGE, keys, made, postJob, record, type Seen, seen, stubOf } from "./jobs";
import { answered, newPlatform, ocrPlatform } from "./platform";

const HOOK = "https://hooks.example.com/offing?of=me";
const QUERY = `?webhook=${encodeURIComponent(HOOK)}`;

/** The calls of webhooks, and what the hook answers to each; the last answer counts for all that follow. */
let calls: { url: string; init: RequestInit; at: number }[] = [];
let answers: (Response | Error)[] = [];

beforeEach(() => {
  newPlatform();
  ocrPlatform.service = (request) => answered(request, "the secret text", { headers: { "Content-Type": "text/plain" } });
  calls = [];
  answers = [new Response(null, { status: 204 })];
  vi.spyOn(globalThis, "fetch").mockImplementation(async (url, init = {}) => {
    calls.push({ url: String(url), init: init as RequestInit, at: Date.now() });
    const answer = (answers.length > 1 ? answers.shift() : answers[0]) as Response | Error;
    if (answer instanceof Error) throw answer;
    return answer.clone() as Response;
  });
});
afterEach(async () => {
  vi.restoreAllMocks();
  await reset();
});

const headersOf = (index: number): Record<string, string> => Object.fromEntries(new Headers(calls[index]?.init.headers));

/** Waits until the webhook was called so often, however long the alarm takes. */
const called = (times: number): Promise<void> => expect.poll(() => calls.length, { timeout: 15_000 }).toBe(times);

/** The signature as Standard Webhooks describes it, made from its parts. */
async function sign(id: string, timestamp: string, body: string): Promise<string> {
  const raw = Uint8Array.from(atob("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), (each) => each.charCodeAt(0));
  const key = await crypto.subtle.importKey("raw", raw, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  const text = new TextEncoder().encode(`${id}.${timestamp}.${body}`);
  return `v1,${btoa(String.fromCharCode(...new Uint8Array(await crypto.subtle.sign("HMAC", key, text))))}`;
}

describe("a webhook", () => {
  it("is told of a job that has succeeded, signed, without what was read", async () => {
    const job = await finished(await made("x", QUERY));
    await called(1);
    const { url, init } = calls[0] as { url: string; init: RequestInit };
    expect([url, init.method, init.redirect]).toEqual([HOOK, "POST", "manual"]);
    expect(JSON.parse(String(init.body))).toEqual(await seen(job));
    expect(String(init.body)).not.toContain("the secret text");
    const headers = headersOf(0);
    expect(headers).toMatchObject({ "content-type": "application/json", "webhook-id": job.id });
    expect(Math.abs(Number(headers["webhook-timestamp"]) - Date.now() / 1000)).toBeLessThan(60);
    expect(headers["webhook-signature"]).toBe(
      await sign(job.id, headers["webhook-timestamp"] ?? "", String(init.body)),
    );
    await expect.poll(async () => (await record(job))?.nextCall).toBeNull();
  });

  it("is told of one that has failed", async () => {
    ocrPlatform.service = (request) => answered(request, '{"code":"broken-document"}', { status: 422 });
    await finished(await made("x", QUERY));
    await called(1);
    expect(JSON.parse(String(calls[0]?.init.body))).toMatchObject({ state: "failed", problem: { code: "broken-document" } });
  });

  it.each<[string, Response | Error]>([
    ["answers 500", new Response("no", { status: 500 })],
    ["redirects", new Response(null, { status: 302, headers: { Location: "https://elsewhere.example.com/" } })],
    ["can't be reached", new Error("refused")],
  ])("that %s is called again, with a signature of its own, until it says yes", async (_, first) => {
    answers = [first, new Response("ok")];
    const job = await finished(await made("x", QUERY));
    await called(1);
    await age(job, 15_000);
    await runDurableObjectAlarm(stubOf(job));
    await called(2);
    expect(headersOf(1)["webhook-id"]).toBe(headersOf(0)["webhook-id"]);
    expect(calls.map(({ url }) => url)).toEqual([HOOK, HOOK]);
    await runDurableObjectAlarm(stubOf(job));
    expect(calls).toHaveLength(2);
  });

  it("is called five times, with growing pauses, and then no more", async () => {
    answers = [new Error("refused")];
    const job = await finished(await made("x", QUERY));
    await called(1);
    const pauses = [];
    for (let call = 2; call <= 5; call += 1) {
      const { nextCall } = (await record(job)) as { nextCall: number };
      pauses.push(Math.round((nextCall - Date.now()) / 5_000) * 5);
      await age(job, nextCall - Date.now() - 2_000);
      await runDurableObjectAlarm(stubOf(job));
      expect(calls).toHaveLength(call - 1); // not yet
      await age(job, 2_000);
      await runDurableObjectAlarm(stubOf(job));
      await called(call);
    }
    expect(pauses).toEqual([15, 60, 300, 1800]);
    expect(await record(job)).toMatchObject({ nextCall: null, calls: 5, state: "succeeded" });
    await runDurableObjectAlarm(stubOf(job));
    expect(calls).toHaveLength(5);
  });

  it("that is being called when its job is deleted brings nothing back", async () => {
    let job: Seen | undefined;
    vi.mocked(globalThis.fetch).mockImplementation(async () => {
      if (job) await ask(job.location, { method: "DELETE" });
      return new Response("ok");
    });
    job = await made("x", QUERY);
    await expect.poll(() => record(job as Seen), { timeout: 15_000 }).toBeUndefined();
    expect(await keys()).toEqual([]);
  });

  it.each(["http://hooks.example.com/", "x", "", "https://10.0.0.1/"])("is refused at once at %j", async (url) => {
    const answer = await postJob("x", `?webhook=${encodeURIComponent(url)}`);
    expect(answer.status).toBe(422);
    expect(await answer.json()).toMatchObject({ code: "invalid-option", option: "webhook" });
    expect(await keys()).toEqual([]);
  });

  it("is refused at once where there is no key to sign with", async () => {
    const bindings = { ...env, OFFING_JOBS_WEBHOOK_KEY: "" };
    const answer = await askDirectly(`/ocr/jobs${QUERY}`, { method: "POST", body: "x", headers: IMAGE }, bindings);
    expect(answer.status).toBe(422);
    expect(await answer.json()).toMatchObject({ code: "invalid-option", detail: "Webhooks are not set up here." });
  });
});

it.each([
  ["https://hooks.example.com", "https://hooks.example.com/"],
  ["https://hooks.example.com:8443/a?b=c", "https://hooks.example.com:8443/a?b=c"],
  ["HTTPS://Hooks.Example.com./", "https://hooks.example.com./"],
])("a webhook may be at %s", (given, url) => {
  expect(webhookUrl(given)).toBe(url);
});

it.each([
  "http://hooks.example.com/",
  "ftp://hooks.example.com/",
  "//hooks.example.com/",
  "https://me@hooks.example.com/",
  "https://me:secret@hooks.example.com/",
  "https://localhost/",
  "https://localhost./",
  "https://a.localhost/",
  "https://intranet/",
  "https://printer.local/",
  "https://metadata.google.internal/",
  "https://127.0.0.1/",
  "https://0x7f000001/",
  "https://2130706433/",
  "https://0177.1/",
  "https://127.0.0.1./",
  "https://[::1]/",
  "https://[fd00::1]/",
  "https://%31%32%37.0.0.1/",
  "https://127。0。0。1/",
  `https://hooks.example.com/${"x".repeat(2_048)}`,
])("a webhook may not be at %s", (given) => {
  expect(webhookUrl(given)).toBeUndefined();
});

it.each([undefined, "", "whsec_", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_MfKQ", "whsec_***", `whsec_${"A".repeat(100)}`])(
  "%j is no key of webhooks",
  (given) => {
    expect(webhookKey({ ...env, ...{ OFFING_JOBS_WEBHOOK_KEY: given } } as Env)).toBeUndefined();
  },
);

it("the key of webhooks reaches no container, nor does what would keep a job's own request out", async () => {
  await finished(await made());
  expect(JSON.stringify(ocrPlatform.starts)).not.toContain("whsec_");
  const secrets = { OFFING_JOBS_WEBHOOK_KEY: "secret", OFFING_API_KEYS: "sha256:secret" };
  expect(settings({ ...secrets, OFFING_OCR_QUEUE: "5" }, "ocr", [])).toEqual({ OFFING_OCR_QUEUE: "5" });
});
