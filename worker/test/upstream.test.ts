import { createExecutionContext, env, reset } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, inject, it, vi } from "vitest";
import worker from "../src/index";
import { Breaker } from "../src/upstream/breaker";
import { ANALYSIS, askToTheEnd, problemOf, streamed } from "./asking";
import { answered, newPlatform, platform, platformOf, xetPlatform } from "./platform";

declare module "vitest" {
  interface ProvidedContext {
    backend: string;
  }
}

/** What a backend says it was asked. */
interface Heard {
  readonly method: string;
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body: string;
}

const MIB = 1024 * 1024;
const FILE = "/download/owner/model/file.bin";
const base = inject("backend");

let backends = 0;
/** The address of a backend that nobody else has asked. */
const backend = (behaviour: string): string => `${base}/${behaviour}.${(backends += 1)}`;

/** How often a backend was asked. */
const count = async (address: string): Promise<number> =>
  Number(await (await fetch(address.replace(`${base}/`, `${base}/count/`))).text());

const heard = (answer: Response): Promise<Heard> => answer.json();

/** Asks the Worker as these variables set it up. */
const ask = (vars: Partial<Env>, path: string, init: RequestInit = {}): Promise<Response> =>
  worker.fetch(
    new Request(`https://offing.example${path}`, { redirect: "manual", ...init }) as never,
    { ...env, ...vars },
    createExecutionContext(),
  );

const post = (vars: Partial<Env>, body: BodyInit, headers: HeadersInit = {}): Promise<Response> =>
  ask(vars, ANALYSIS, { method: "POST", body, headers });

beforeEach(() => {
  newPlatform();
});
afterEach(reset);

describe("a backend that a service names", () => {
  it("gets the request as it came, and wakes no container", async () => {
    const address = backend("echo");
    const answer = await post({ INSIGHTS_UPSTREAM: address }, "the body", { "Content-Type": "text/plain" });
    expect(answer.status).toBe(200);
    expect(await heard(answer)).toMatchObject({
      method: "POST",
      path: ANALYSIS,
      body: "the body",
      headers: { "content-type": "text/plain" },
    });
    expect(platform.starts).toEqual([]);
  });

  it("is asked for the same path and query, and no other host, whatever they look like", async () => {
    const vars = { INSIGHTS_UPSTREAM: backend("echo"), XET_UPSTREAM: backend("echo") };
    const path = "/v1/image/a%20b/%2F..%2fetc?metrics=a%20b&url=https%3A%2F%2Felsewhere.example&edge_mode=";
    expect((await heard(await ask(vars, path))).path).toBe(path);
    const strange = "//elsewhere.example/model/resolve/main/file.bin";
    expect((await heard(await ask(vars, strange))).path).toBe(strange);
  });

  it("is asked by the request's id, and the client is told it", async () => {
    const answer = await post({ INSIGHTS_UPSTREAM: backend("echo") }, "x", { "X-Request-ID": "its-id" });
    expect(answer.headers.get("X-Request-ID")).toBe("its-id");
    expect((await heard(answer)).headers["x-request-id"]).toBe("its-id");
  });

  it("learns nothing of the caller but what the service reads", async () => {
    const headers = {
      "X-API-Key": "the caller's",
      Authorization: "Bearer the-caller's",
      Cookie: "a=b",
      Origin: "https://a.example",
      "X-Forwarded-For": "192.0.2.1",
      "X-Offing-Bodiless": "no",
      Accept: "application/json",
    };
    const told = await heard(await post({ INSIGHTS_UPSTREAM: backend("echo") }, "x", headers));
    expect(told.headers["accept"]).toBe("application/json");
    const names = ["x-api-key", "authorization", "cookie", "origin", "x-forwarded-for", "x-offing-bodiless"];
    expect(names.filter((name) => name in told.headers)).toEqual([]);
  });

  it("gets the key that is set for it in place of the caller's", async () => {
    const vars = { INSIGHTS_UPSTREAM: backend("echo"), INSIGHTS_UPSTREAM_KEY: "its own" };
    expect((await heard(await post(vars, "x", { "X-API-Key": "the caller's" }))).headers["x-api-key"]).toBe("its own");
  });

  it("of Xet gets the hub's token, which says what its caller may read", async () => {
    const told = await heard(await ask({ XET_UPSTREAM: backend("echo") }, FILE, { headers: { Authorization: "Bearer hf_a" } }));
    expect(told.headers["authorization"]).toBe("Bearer hf_a");
    expect(xetPlatform.starts).toEqual([]);
  });

  it("tells the client nothing of itself", async () => {
    const answer = await ask({ XET_UPSTREAM: backend("talks") }, "/api/models");
    expect(answer.headers.get("Access-Control-Allow-Origin")).not.toBe("https://its.example");
    expect(["Set-Cookie", "Server", "X-Offing-State"].filter((name) => answer.headers.has(name))).toEqual([]);
    expect(answer.headers.get("Link")).toBe('<https://offing.example/api/models?cursor=2>; rel="next"');
    expect(answer.headers.get("Server-Timing")).toContain("decode;dur=1");
  });

  it("is named as the instance in the log", async () => {
    const lines: string[] = [];
    const spy = vi.spyOn(console, "log").mockImplementation((line: string) => void lines.push(line));
    for (const way of ["echo", "500"]) {
      const init = { method: "POST", body: "x", headers: { "X-Request-ID": "of-this-test" } };
      await askToTheEnd({ INSIGHTS_UPSTREAM: backend(way) }, ANALYSIS, init);
    }
    spy.mockRestore();
    const told = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    // Of earlier requests there may be lines that come late.
    const requests = told.filter(({ event, request_id }) => event === "request" && request_id === "of-this-test");
    const instances = requests.map(({ instance }) => instance);
    expect(instances).toEqual(["upstream", "instance-0"]);
  });

  it("leads the client back here where it redirects to itself", async () => {
    const answer = await ask({ XET_UPSTREAM: backend("moves") }, "/api/models/one");
    expect([answer.status, answer.headers.get("Location")]).toEqual([307, "/api/other?a=1"]);
  });

  it("answers refusals that are the caller's own mistake", async () => {
    const answer = await ask({ XET_UPSTREAM: backend("stranger") }, FILE);
    expect(answer.status).toBe(401);
    expect(xetPlatform.starts).toEqual([]);
  });

  it("streams what is large, whose length stays", async () => {
    const answer = await ask({ XET_UPSTREAM: backend("large") }, FILE);
    expect(answer.headers.get("Content-Length")).toBe(String(4 * MIB));
    expect((await answer.arrayBuffer()).byteLength).toBe(4 * MIB);
  });

  it("gets a body that is too large to be kept", async () => {
    const told = await heard(await post({ INSIGHTS_UPSTREAM: backend("echo") }, "x".repeat(7 * MIB)));
    expect(told.body).toHaveLength(7 * MIB);
  });

  it.each(["/insights/health", "/insights/livez", "/insights/readyz"])("does not answer for the container at %s", async (path) => {
    const address = backend("echo");
    await ask({ INSIGHTS_UPSTREAM: address }, path);
    expect(await count(address)).toBe(0);
    expect(platform.starts).toHaveLength(1);
  });

  it.each([
    "not a url",
    "ftp://gpu.example",
    "http://gpu.example",
    "https://user:word@gpu.example",
    "https://gpu.example/?a=1",
  ])("has to be an https URL: %s is passed over", async (address) => {
    expect(await (await post({ INSIGHTS_UPSTREAM: address }, "x")).text()).toBe("x");
    expect(platform.starts).toHaveLength(1);
  });

  it.each<[string, Partial<Env>]>([
    ["share", { INSIGHTS_UPSTREAM_SHARE: "half" }],
    ["share", { INSIGHTS_UPSTREAM_SHARE: "1.5" }],
    ["time", { INSIGHTS_UPSTREAM_SECONDS: "-1" }],
  ])("is passed over where its %s makes no sense", async (_, vars) => {
    const address = backend("echo");
    expect(await (await post({ INSIGHTS_UPSTREAM: address, ...vars }, "x")).text()).toBe("x");
    expect(await count(address)).toBe(0);
  });
});

describe("the share of requests that go to a backend", () => {
  const ids = Array.from({ length: 60 }, (_, index) => `request-${index}`);

  async function chosen(vars: Partial<Env>): Promise<string[]> {
    const answers = ids.map(async (id) => [id, await (await post(vars, "mine", { "X-Request-ID": id })).text()] as const);
    return (await Promise.all(answers)).filter(([, text]) => text !== "mine").map(([id]) => id);
  }

  it("is about what was asked for, and the same request goes the same way", async () => {
    const address = backend("echo");
    const first = await chosen({ INSIGHTS_UPSTREAM: address, INSIGHTS_UPSTREAM_SHARE: "0.5" });
    expect(first.length).toBeGreaterThan(ids.length / 4);
    expect(first.length).toBeLessThan((3 * ids.length) / 4);
    expect(await chosen({ INSIGHTS_UPSTREAM: address, INSIGHTS_UPSTREAM_SHARE: "0.5" })).toEqual(first);
    expect(await count(address)).toBe(2 * first.length);
  });

  it.each([
    ["0", 0],
    ["1", ids.length],
  ])("of %s is none or all of them", async (share, size) => {
    expect(await chosen({ INSIGHTS_UPSTREAM: backend("echo"), INSIGHTS_UPSTREAM_SHARE: share })).toHaveLength(size);
  });
});

describe("a container answers where a backend", () => {
  it.each([
    ["breaks the connection", "breaks"],
    ["breaks off its answer", "half"],
    ["does not answer in time", "hangs"],
    ["fails with 500", "500"],
    ["fails with 502", "502"],
    ["fails with 503", "503"],
    ["is asked too much", "429"],
    ["wants another key", "locked"],
    ["redirects elsewhere", "leaves"],
    ["is no service of ours", "foreign"],
  ])("%s", async (_, behaviour) => {
    const vars = { INSIGHTS_UPSTREAM: backend(behaviour), INSIGHTS_UPSTREAM_SECONDS: "1" };
    const answer = await post(vars, "the body");
    expect([answer.status, await answer.text()]).toEqual([200, "the body"]);
    expect(await count(vars.INSIGHTS_UPSTREAM)).toBe(1);
    expect(platform.starts).toHaveLength(1);
  });

  it("is not there", async () => {
    const answer = await post({ INSIGHTS_UPSTREAM: "http://127.0.0.1:1" }, "the body");
    expect(await answer.text()).toBe("the body");
  });

  it("fails at a request without a body", async () => {
    expect((await ask({ INSIGHTS_UPSTREAM: backend("500") }, ANALYSIS)).status).toBe(200);
    expect(platform.starts).toHaveLength(1);
  });

  it("fails, and the log says why without a word of the request", async () => {
    const lines: string[] = [];
    const spy = vi.spyOn(console, "error").mockImplementation((line: string) => void lines.push(line));
    const vars = { INSIGHTS_UPSTREAM: backend("503"), INSIGHTS_UPSTREAM_KEY: "secret" };
    await post(vars, "secret", { "X-Request-ID": "its-id" });
    spy.mockRestore();
    expect(lines.map((line) => JSON.parse(line))).toContainEqual(
      { event: "upstream-failed", service: "insights", cause: "status 503", request_id: "its-id" },
    );
    expect(lines.join("\n")).not.toContain("secret");
  });
});

describe("what can't be sent again", () => {
  it.each(["500", "breaks"])("is a problem where the backend fails: %s", async (behaviour) => {
    const vars = { INSIGHTS_UPSTREAM: backend(behaviour) };
    const parts = Array.from({ length: 8 }, () => new Uint8Array(MIB));
    await problemOf(await post(vars, streamed(...parts)), 503, "upstream-failed");
    expect(platform.starts).toEqual([]);
  });
});

describe("a backend that keeps failing", () => {
  it("is passed over after three times in a row", async () => {
    const vars = { INSIGHTS_UPSTREAM: backend("500") };
    for (let index = 0; index < 6; index += 1) expect(await (await post(vars, "x")).text()).toBe("x");
    expect(await count(vars.INSIGHTS_UPSTREAM)).toBe(3);
  });

  it("is not passed over where it answered in between", async () => {
    const failing = backend("500");
    const vars = { INSIGHTS_UPSTREAM: failing };
    for (let index = 0; index < 2; index += 1) await post(vars, "x");
    await fetch(failing.replace(`${base}/`, `${base}/heal/`));
    for (let index = 0; index < 5; index += 1) expect((await heard(await post(vars, "x"))).body).toBe("x");
    expect(await count(failing)).toBe(7);
  });

  it("is tried again by one request after a pause, which has to be one that can be sent again", async () => {
    const breaker = new Breaker(100);
    for (let index = 0; index < 3; index += 1) breaker.failed("one");
    expect(breaker.lets("one", true)).toBe(false);
    expect(breaker.lets("another", true)).toBe(true);
    await scheduler.wait(150);
    expect(breaker.lets("one", false)).toBe(false);
    expect([breaker.lets("one", true), breaker.lets("one", true)]).toEqual([true, false]);
    breaker.answered("one");
    expect([breaker.lets("one", false), breaker.lets("one", true)]).toEqual([true, true]);
  });
});

describe("a backend for what is too much", () => {
  const overflow = (address: string, more: Partial<Env> = {}): Partial<Env> => ({
    INSIGHTS_UPSTREAM: address,
    INSIGHTS_UPSTREAM_OVERFLOW: "true",
    INSIGHTS_INSTANCES: "2",
    INSIGHTS_CONCURRENCY: "1",
    ...more,
  });

  /** Has both instances work until the returned function is called. */
  async function busy(vars: Partial<Env>): Promise<() => Promise<Response[]>> {
    let isOver = false;
    const waiting = [platform, platformOf("insights", "instance-1")];
    for (const each of waiting) {
      each.service = async (request) => {
        while (!isOver) await scheduler.wait(5);
        return answered(request, "mine");
      };
    }
    const underway = [post(vars, "one"), post(vars, "two")];
    await expect.poll(() => waiting.map((each) => each.ports.length)).toEqual([1, 1]);
    return () => {
      isOver = true;
      return Promise.all(underway);
    };
  }

  it("is not asked while an instance has room, whose place the request then has", async () => {
    const address = backend("echo");
    const vars = overflow(address, { INSIGHTS_INSTANCES: "1" });
    platform.service = (request) => answered(request, "x", { headers: { "Content-Length": "1" } });
    for (let index = 0; index < 4; index += 1) expect(await (await post(vars, "x")).text()).toBe("x");
    expect(await count(address)).toBe(0);
    expect(platform.starts).toHaveLength(1);
  });

  it("gets what finds every instance full, and takes no place of theirs", async () => {
    const address = backend("echo");
    const free = await busy(overflow(address));
    for (let index = 0; index < 4; index += 1) {
      expect((await heard(await post(overflow(address), "too much"))).body).toBe("too much");
    }
    const answers = await free();
    expect(await Promise.all(answers.map((answer) => answer.text()))).toEqual(["mine", "mine"]);
    await expect.poll(async () => (await post(overflow(address), "x")).text()).toBe("mine");
    expect(platform.ports.length + platformOf("insights", "instance-1").ports.length).toBeGreaterThan(2);
  });

  it("hands back to the instances what it fails at, full as they are", async () => {
    const vars = overflow(backend("500"));
    const free = await busy(vars);
    const extra = post(vars, "too much");
    await expect.poll(() => count(vars.INSIGHTS_UPSTREAM ?? "")).toBe(1);
    await free();
    expect(await (await extra).text()).toBe("mine");
  });

  it("takes no share beside that", async () => {
    const address = backend("echo");
    expect(await (await post(overflow(address, { INSIGHTS_UPSTREAM_SHARE: "1" }), "x")).text()).toBe("x");
    expect(await count(address)).toBe(0);
  });
});
