import { createExecutionContext, env, reset } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Asked } from "../src/asked";
import type { Dispatcher } from "../src/dispatcher/dispatcher";
import { isFull, placed } from "../src/dispatcher/place";
import { ANALYSIS, ask, askWith, problemOf } from "./asking";
import { answered, CONNECTION_LOST, draining, echo, newPlatform, type Platform, platformOf, type Service } from "./platform";

const THREE = { INSIGHTS_INSTANCES: "3", INSIGHTS_CONCURRENCY: "8", XET_INSTANCES: "3", XET_CONCURRENCY: "2" };
/** The containers of image insights. */
const all = (): Platform[] => [0, 1, 2].map((index) => platformOf("insights", `instance-${index}`));
const [first, second] = [() => platformOf("insights"), () => platformOf("insights", "instance-1")];
/** How often each was started. */
const starts = (): number[] => all().map((each) => each.starts.length);
/** How many requests each got. */
const got = (): number[] => all().map((each) => each.ports.length);

/** Posts a body whose length is told, as clients do. */
function post(body: string | Uint8Array, changed: Partial<Env> = {}): Promise<Response> {
  const headers = { "Content-Length": String(body.length) };
  return askWith({ ...THREE, ...changed }, ANALYSIS, { method: "POST", body, headers });
}

/** Asks so often, one after the other. */
async function repeated(times: number, changed: Partial<Env> = {}): Promise<number[]> {
  const statuses = [];
  for (let index = 0; index < times; index += 1) {
    const answer = await post("x", changed);
    await answer.arrayBuffer();
    statuses.push(answer.status);
  }
  return statuses;
}

/** An answer after a while. */
const slowly: Service = async (request) => {
  const body = await request.arrayBuffer();
  await scheduler.wait(20);
  return answered(request, body);
};

/** Whether the dispatcher thinks that nobody has anything to do. */
async function isIdle(service = "insights"): Promise<boolean> {
  const wish = { instances: 3, concurrency: 1, sleepAfterMs: 1_000, shed: true };
  const dispatcher = env.DISPATCHER.get(env.DISPATCHER.idFromName(service));
  const places = await Promise.all([1, 2, 3].map(() => dispatcher.acquire(wish)));
  for (const { instance, lease } of places) if (lease) await dispatcher.hear({ instance, ended: [lease] });
  return places.every(({ full }) => !full);
}

/** Whether the dispatcher thinks that a container of insights has fewer than so many requests. */
async function leasesOf(instance: string, limit: number): Promise<boolean> {
  const dispatcher = env.DISPATCHER.get(env.DISPATCHER.idFromName("insights"));
  const place = await dispatcher.acquire({ instances: 3, concurrency: limit, sleepAfterMs: 60_000 });
  if (place.lease) await dispatcher.hear({ instance: place.instance, ended: [place.lease] });
  return place.instance === instance;
}

/** Wakes all three, by as many requests at once. */
async function wakeAll(): Promise<void> {
  for (const each of all()) each.service = slowly;
  await Promise.all(Array.from({ length: 3 }, async () => (await post("x", { INSIGHTS_CONCURRENCY: "1" })).text()));
  for (const each of all()) {
    each.service = echo;
    each.ports = [];
  }
  await expect.poll(() => isIdle()).toBe(true);
}

beforeEach(() => {
  newPlatform();
});
afterEach(async () => {
  vi.restoreAllMocks();
  await reset();
});

describe("instances", () => {
  it("of which one is enough stay asleep but for that one", async () => {
    expect(await repeated(10)).toEqual(Array(10).fill(200));
    expect([starts(), got()]).toEqual([[1, 0, 0], [10, 0, 0]]);
  });

  it("share hundreds of requests at once, and none is lost", async () => {
    for (const each of all()) each.service = slowly;
    const bodies = Array.from({ length: 300 }, (_, index) => `body ${index}`);
    const answers = await Promise.all(bodies.map((body) => post(body)));
    expect(await Promise.all(answers.map((answer) => answer.text()))).toEqual(bodies);
    expect(starts()).toEqual([1, 1, 1]);
    const counts = got();
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(300);
    expect(Math.max(...counts) - Math.min(...counts)).toBeLessThan(100);
    // Each lease was given back.
    await expect.poll(() => isIdle(), { timeout: 5_000 }).toBe(true);
  });

  it("are asked without the dispatcher while the last one has room, and it learns of what takes long", async () => {
    await repeated(1);
    for (let index = 0; index < 5; index += 1) {
      const answer = await post("x");
      expect(answer.headers.get("Server-Timing")).not.toContain("dispatch");
      await answer.arrayBuffer();
    }
    let isOver = false;
    first().service = async (request) => {
      while (!isOver) await scheduler.wait(5);
      return answered(request, "slow");
    };
    const slow = [post("x"), post("x")];
    await expect.poll(() => leasesOf("instance-0", 2)).toBe(false);
    isOver = true;
    await Promise.all(slow.map(async (answer) => (await answer).text()));
    await expect.poll(() => leasesOf("instance-0", 2)).toBe(true);
  });

  it("that have no room, or sleep, send a request that came unasked to the dispatcher", async () => {
    await repeated(1, { INSIGHTS_CONCURRENCY: "1" });
    let isOver = false;
    for (const each of all()) {
      each.service = async (request) => {
        while (!isOver) await scheduler.wait(5);
        return answered(request, "slow");
      };
    }
    const slow = [1, 2, 3].map(() => post("x", { INSIGHTS_CONCURRENCY: "1" }));
    await expect.poll(got).toEqual([2, 1, 1]);
    isOver = true;
    expect(await Promise.all(slow.map(async (answer) => (await answer).status))).toEqual([200, 200, 200]);
    for (const each of all()) each.end();
    expect(await repeated(1)).toEqual([200]);
  });

  it("are told in /health, with what each does, and none is woken for it", async () => {
    first().service = () => scheduler.wait(60_000).then(() => new Response());
    const controller = new AbortController();
    const asked = ask(ANALYSIS, { signal: controller.signal });
    const told = async (): Promise<unknown> =>
      (await (await askWith(THREE, "/health")).json<{ services: Record<string, unknown> }>()).services["insights"];
    const asleep = [1, 2].map((index) => ({ name: `instance-${index}`, state: "asleep", underway: 0 }));
    const awake = (underway: number) => ({
      state: "awake",
      instances: [{ name: "instance-0", state: "awake", underway }, ...asleep],
    });
    await expect.poll(told).toEqual(awake(1));
    controller.abort();
    await expect(asked).rejects.toThrow(/abort/i);
    await expect.poll(told).toEqual(awake(0));
    expect(starts()).toEqual([1, 0, 0]);
  });

  it("that don't say how they are, are unknown in /health, after a second", async () => {
    const hangs = { condition: () => new Promise(() => undefined) };
    const namespace = { idFromName: (name: string) => name, get: () => hangs };
    const changed = { INSIGHTS: namespace as unknown as Env["INSIGHTS"] };
    const begun = Date.now();
    const { services } = await (await askWith(changed, "/health")).json<{ services: Record<string, { state: string }> }>();
    expect([services["insights"]?.state, services["ocr"]?.state]).toEqual(["unknown", "asleep"]);
    expect(Date.now() - begun).toBeGreaterThan(900);
  });

  it("tell in Server-Timing where the time went", async () => {
    const timing = (await post("x")).headers.get("Server-Timing");
    for (const part of ["dispatch", "start", "container"]) expect(timing).toMatch(new RegExp(`\\b${part};dur=[0-9.]+`));
    expect((await post("x")).headers.get("Server-Timing")).not.toMatch(/start;/);
  });

  it("see nothing of leases, nor do clients", async () => {
    first().service = (request) => answered(request, JSON.stringify(Object.fromEntries(request.headers)));
    const answer = await askWith(THREE, ANALYSIS, { headers: { "X-Offing-Lease": "x", "X-Offing-Elsewhere": "x" } });
    expect(await answer.text()).not.toMatch(/x-offing-(lease|elsewhere|start)/i);
    expect(Object.fromEntries(answer.headers)).not.toMatchObject({ "x-offing-start": expect.anything() });
  });
});

describe("a request goes once more, to another instance, where the first", () => {
  const failing = (error: string) => (platform: Platform) => {
    platform.failStart = () => {
      platform.running = false;
      throw new Error(error);
    };
  };

  it.each<[string, (platform: Platform) => void]>([
    ["can't be had", failing("there is no container instance that can be provided to this durable object")],
    ["is one too many at once", failing("you are requesting too many containers per second")],
    ["is one too many", failing("Maximum number of running container instances exceeded. Try again later.")],
    ["has no image", failing("No such image available named cloudflare-dev/insights:1234")],
    [
      "crashes at its start",
      (platform) => {
        platform.failStart = () => platform.end(new Error("Container exited with unexpected exit code: 1"));
      },
    ],
    [
      "ends without a word",
      (platform) => {
        platform.failStart = () => platform.end();
      },
    ],
    [
      "never listens",
      (platform) => {
        platform.getTcpPort = () => ({ fetch: () => new Promise<Response>(() => undefined) });
      },
    ],
  ])("%s; and is passed over then", async (_, breakIt) => {
    breakIt(first());
    const answer = await post("the body");
    expect([answer.status, await answer.text()]).toEqual([200, "the body"]);
    const before = starts();
    expect(before.slice(1)).toEqual([1, 0]);
    expect(await repeated(3)).toEqual([200, 200, 200]);
    expect(starts()).toEqual(before);

    // Where both fail, that is told, and the third is not asked.
    breakIt(second());
    second().end();
    for (const each of all()) each.starts = [];
    platformOf("insights", "instance-2").failStart = () => platformOf("insights", "instance-2").end();
    await problemOf(await post("x"), 503, "container-unavailable");
    expect(starts().filter((count) => count > 0).length).toBeLessThanOrEqual(2);
  });

  it("breaks the connection", async () => {
    first().service = () => {
      first().end(new Error("Container exited with unexpected exit code: 137"));
      throw new Error(CONNECTION_LOST);
    };
    expect(await (await post("the body")).text()).toBe("the body");
    expect([starts(), got()]).toEqual([[1, 1, 0], [1, 1, 0]]);
    expect(await repeated(3)).toEqual([200, 200, 200]);
    expect(got()).toEqual([1, 4, 0]);
  });

  it("drains, which nobody waits for", async () => {
    first().service = draining;
    const begun = Date.now();
    expect(await (await post("the body")).text()).toBe("the body");
    expect(Date.now() - begun).toBeLessThan(5_000);
    expect([starts(), got(), first().running]).toEqual([[1, 1, 0], [1, 1, 0], true]);
    expect(await repeated(2)).toEqual([200, 200]);
    expect(got()).toEqual([1, 3, 0]);
  });

  it("but no further than that", async () => {
    for (const each of all()) each.service = draining;
    expect((await post("x")).status).toBe(503);
    expect(got().reduce((sum, count) => sum + count, 0)).toBe(2);
  });

  it("but not where its body is too large to be kept", async () => {
    first().service = async (request) => {
      await request.arrayBuffer();
      return draining(request);
    };
    expect((await post(new Uint8Array(6 * 1024 * 1024 + 1))).status).toBe(503);
    expect(got()).toEqual([1, 0, 0]);
  });

  it("is lost with a hundred others, which all are answered", async () => {
    first().service = async () => {
      await scheduler.wait(50);
      first().end(new Error("Container exited with unexpected exit code: 137"));
      throw new Error(CONNECTION_LOST);
    };
    const bodies = Array.from({ length: 100 }, (_, index) => `body ${index}`);
    const answers = await Promise.all(bodies.map((body) => post(body, { INSIGHTS_CONCURRENCY: "200" })));
    expect(await Promise.all(answers.map((answer) => answer.text()))).toEqual(bodies);
    expect(starts()[2]).toBe(0);
  });
});

describe("where the dispatcher", () => {
  type Acquire = Dispatcher["acquire"];
  const played = (acquire: () => ReturnType<Acquire> | Promise<ReturnType<Acquire>>): Partial<Env> => {
    const namespace = { idFromName: (name: string) => name, get: () => ({ acquire: async () => acquire(), hear: () => heard() }) };
    return { DISPATCHER: namespace as unknown as Env["DISPATCHER"] };
  };
  let given = 0;
  const heard = async (): Promise<void> => void (given += 1);

  it("fails, any instance is asked, and the log has it once in a while", async () => {
    const lines: string[] = [];
    vi.spyOn(console, "error").mockImplementation((line: string) => void lines.push(line));
    const fails = played(() => Promise.reject(new Error("overloaded")));
    expect(await repeated(60, fails)).toEqual(Array(60).fill(200));
    expect(got().every((count) => count > 5)).toBe(true);
    const told = lines.map((line) => JSON.parse(line) as object);
    expect(told).toEqual([{ event: "dispatcher-failed", service: "insights", cause: "Error: overloaded" }]);
  });

  it("takes too long, likewise, and its late answer is given back", async () => {
    given = 0;
    const late = { instance: "instance-1", lease: "late", full: false };
    const slow = played(() => scheduler.wait(600).then(() => late));
    const begun = Date.now();
    expect(await repeated(1, slow)).toEqual([200]);
    expect(Date.now() - begun).toBeGreaterThan(240);
    await expect.poll(() => given).toBe(1);
  });

  it("fails, the second try still goes to another instance", async () => {
    for (const index of [0, 1]) platformOf("insights", `instance-${index}`).failStart = () => all()[index]?.end();
    const fails = played(() => Promise.reject(new Error("overloaded")));
    const statuses = await repeated(40, { ...fails, INSIGHTS_INSTANCES: "2" });
    // Both are down: each request was sent to both.
    expect(statuses).toEqual(Array(40).fill(503));
    expect(starts()).toEqual([40, 40, 0]);
  });

  it("is not wanted, it isn't asked", async () => {
    const never = played(() => Promise.reject(new Error("never")));
    const lines = vi.spyOn(console, "error");
    expect(await repeated(60, { ...never, INSIGHTS_ROUTING: "random" })).toEqual(Array(60).fill(200));
    expect(got().every((count) => count > 5)).toBe(true);
    for (const each of all()) each.ports = [];
    expect(await repeated(10, { ...never, INSIGHTS_ROUTING: "single" })).toEqual(Array(10).fill(200));
    expect(await repeated(10, { ...never, INSIGHTS_INSTANCES: "1" })).toEqual(Array(10).fill(200));
    expect(got()).toEqual([20, 0, 0]);
    expect(lines).not.toHaveBeenCalled();
  });
});

describe("a lease", () => {
  it("is given back when the client hangs up before there is an answer", async () => {
    await wakeAll();
    for (const each of all()) each.service = () => scheduler.wait(60_000).then(() => new Response());
    // Through the runtime, which hands a hang-up on: the test's own call does not.
    const controllers = [1, 2, 3].map(() => new AbortController());
    const dispatcher = env.DISPATCHER.get(env.DISPATCHER.idFromName("insights"));
    const calls = controllers.map(async ({ signal }, index) => {
      const { lease } = await dispatcher.acquire({ instances: 3, concurrency: 1, sleepAfterMs: 60_000 });
      const container = env.INSIGHTS.get(env.INSIGHTS.idFromName(`instance-${index}`));
      return container.fetch("https://offing.example/", { headers: { "X-Offing-Lease": lease ?? "" }, signal });
    });
    for (const call of calls) call.catch(() => undefined);
    await expect.poll(() => got()).toEqual([1, 1, 1]);
    expect(await isIdle()).toBe(false);
    for (const controller of controllers) controller.abort();
    await expect.poll(() => isIdle(), { timeout: 5_000 }).toBe(true);
  });

  it("lasts as long as the answer is passed on", async () => {
    const container = platformOf("xet");
    const source = () => new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(1024 * 1024)) });
    container.service = (request) => answered(request, source(), { headers: { "Content-Length": `${2 ** 30}` } });
    const answer = await askWith(THREE, "/download/acme/model/a");
    expect(await isIdle("xet")).toBe(false);
    await answer.body?.cancel();
    await expect.poll(() => isIdle("xet"), { timeout: 5_000 }).toBe(true);
  });
});

describe("whether all instances are full", () => {
  const asked = (changed: Partial<Env>): Asked => {
    const request = new Request<unknown, IncomingRequestCfProperties>(`https://offing.example${ANALYSIS}`);
    return new Asked(request, { ...env, ...THREE, INSIGHTS_CONCURRENCY: "2", ...changed }, createExecutionContext());
  };
  const single = { INSIGHTS_INSTANCES: "1", INSIGHTS_UPSTREAM_OVERFLOW: "true" };

  it.each<[string, Partial<Env>, number]>([
    ["three", {}, 6],
    ["one that overflows", single, 2],
  ])("is known of %s, and who has a place keeps it", async (_, changed, room) => {
    const all = Array.from({ length: room + 1 }, () => asked(changed));
    const places = [];
    for (const each of all.slice(0, room)) {
      expect(await isFull(each)).toBe(false);
      const kept = each.place;
      places.push(await placed(each));
      expect([places.at(-1), each.place]).toEqual([kept, undefined]);
    }
    const [last] = all.slice(room);
    expect(await isFull(last as Asked)).toBe(true);
    expect(last?.place).toBeUndefined();
    // Where nobody else takes it, it has the place of one more.
    expect(await placed(last as Asked)).toMatchObject({ full: true, lease: expect.any(String) });
  });

  it("is never so where they are chosen at random", async () => {
    expect(await isFull(asked({ INSIGHTS_ROUTING: "random" }))).toBe(false);
  });
});

describe("a file of Xet", () => {
  it("is asked of the instance that had it before, by whatever path", async () => {
    const at = (index: number): Platform => platformOf("xet", `instance-${index}`);
    const three = [at(0), at(1), at(2)];
    for (const each of three) each.service = slowly;
    const fetched = async (path: string): Promise<string | null> => {
      const answer = await askWith({ ...THREE, XET_SLEEP_AFTER: "60s" }, path);
      await answer.arrayBuffer();
      const [served] = three.filter((each) => each.ports.length > 0);
      for (const each of three) each.ports = [];
      return served ? String(three.indexOf(served)) : null;
    };
    await Promise.all(Array.from({ length: 6 }, () => askWith(THREE, "/download/acme/model/a").then((each) => each.text())));
    for (const each of three) each.ports = [];
    const names = Array.from({ length: 12 }, (_, index) => `part-${index}.bin`);
    const owners = [];
    for (const name of names) {
      const owner = await fetched(`/download/acme/model/${name}`);
      expect(await fetched(`/acme/model/resolve/main/${name}`)).toBe(owner);
      owners.push(owner);
    }
    expect(new Set(owners).size).toBeGreaterThan(1);
  });
});

it("an instance whose object fails is told in the log, and another one answers", async () => {
  const lines: string[] = [];
  vi.spyOn(console, "error").mockImplementation((line: string) => void lines.push(line));
  const broken = { fetch: () => Promise.reject(new Error("Durable Object is overloaded. Too many requests queued.")) };
  const real = env.INSIGHTS;
  const namespace = {
    idFromName: (name: string) => name,
    get: (name: string) => (name === "instance-0" ? broken : real.get(real.idFromName(name))),
  };
  const changed = { INSIGHTS: namespace as unknown as Env["INSIGHTS"] };
  expect(await (await post("the body", changed)).text()).toBe("the body");
  expect(await repeated(2, changed)).toEqual([200, 200]);
  expect(got()).toEqual([0, 3, 0]);
  const told = lines.map((line) => JSON.parse(line) as object);
  expect(told).toMatchObject([{ event: "container-unavailable", service: "insights", instance: "instance-0" }]);
  await problemOf(await post("x", { ...changed, INSIGHTS_INSTANCES: "1" }), 503, "container-unavailable");
});
