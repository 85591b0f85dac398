import { env, evictDurableObject, reset, runDurableObjectAlarm } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { settings } from "../src/container_settings";
import { passed } from "../src/passage";
import { Visits } from "../src/visits";
import { ANALYSIS, ask, post } from "./asking";
import { answered, CONNECTION_LOST, newPlatform, platform, xetPlatform } from "./platform";

const MIB = 1024 * 1024;
const FILE = "/download/acme/model/model.safetensors";
const insights = () => env.INSIGHTS.get(env.INSIGHTS.idFromName("instance-0"));
const xet = () => env.XET.get(env.XET.idFromName("instance-0"));
type Line = Record<string, unknown> & { event: string };
let lines: Line[] = [];
// What sleeps and stops takes its seconds, and more of them where the machine is busy.
vi.setConfig({ testTimeout: 30_000 });
const told = (event: string): Line[] => lines.filter((line) => line.event === event);

/** Lets the alarms of an object go off until something is so. */
const until = (object: ReturnType<typeof insights> | ReturnType<typeof xet>, what: () => unknown) =>
  expect.poll(() => runDurableObjectAlarm(object).then(what), { timeout: 15_000 });

beforeEach(() => {
  newPlatform();
  lines = [];
  const keep = (line: string): void => void lines.push(JSON.parse(line) as Line);
  vi.spyOn(console, "log").mockImplementation(keep);
  vi.spyOn(console, "error").mockImplementation(keep);
});
afterEach(async () => {
  vi.restoreAllMocks();
  await reset();
});

describe("the log has an event for", () => {
  const here = { service: "insights", instance: "instance-0" };

  it("a start, idle time that is over, and an end", async () => {
    await (await post("x")).text();
    expect(told("container-started")).toEqual([{ event: "container-started", ...here, milliseconds: expect.any(Number) }]);
    await until(insights(), () => told("container-stopped")).toHaveLength(1);
    expect(told("container-idle")).toEqual([{ event: "container-idle", ...here, underway: 0 }]);
    const stopped = { event: "container-stopped", ...here, exit_code: 0, reason: "idle", seconds: expect.any(Number) };
    expect(told("container-stopped")).toEqual([stopped]);
  });

  it("a crash, with its exit code", async () => {
    await (await post("x")).text();
    platform.end(new Error("Container exited with unexpected exit code: 137"));
    await expect.poll(async () => (await insights().getState()).status).toBe("stopped_with_code");
    await until(insights(), () => told("container-stopped")).toMatchObject([{ ...here, exit_code: 137, reason: "exit" }]);
    expect(told("container-idle")).toEqual([]);
  });

  it("an error of the platform", async () => {
    await (await post("x")).text();
    platform.end(new Error("the host is gone"));
    await until(insights(), () => told("container-error")).toMatchObject([{ ...here, cause: "Error: the host is gone" }]);
  });

  it("a start that failed, and its request", async () => {
    platform.failStart = () => platform.end(new Error("Container exited with unexpected exit code: 1"));
    await post("x");
    expect(told("container-unavailable")).toMatchObject([{ ...here, request_id: expect.stringMatching(/^[0-9a-f-]{36}$/) }]);
  });

  it("no client that hung up", async () => {
    platform.service = () => scheduler.wait(60_000).then(() => new Response());
    const controller = new AbortController();
    const asked = ask(ANALYSIS, { signal: controller.signal });
    await expect.poll(() => platform.ports).toHaveLength(1);
    controller.abort();
    await expect(asked).rejects.toThrow(/abort/i);
    await expect.poll(async () => (await insights().condition()).underway).toBe(0);
    const ofContainers = lines.map(({ event }) => event).filter((event) => event !== "request");
    expect(ofContainers).toEqual(["container-started"]);
  });
});

describe("a container that ignores SIGTERM", () => {
  beforeEach(async () => {
    platform.stubborn = true;
    await (await post("x")).text();
  });

  it("gets SIGKILL after a while, and SIGTERM once", async () => {
    await until(insights(), () => platform.signals).toEqual([15]);
    expect(platform.kills).toBe(0);
    await until(insights(), () => platform.kills).toBe(1);
    expect(platform.signals).toEqual([15]);
    expect(told("container-killed")).toMatchObject([{ service: "insights", instance: "instance-0" }]);
    expect((await insights().condition()).state).toBe("asleep");
  });

  it("gets it also where its object was away meanwhile", async () => {
    await until(insights(), () => platform.signals).toEqual([15]);
    await evictDurableObject(insights());
    await until(insights(), () => platform.kills).toBe(1);
  });

  it("is spared by a request that it answers after all", async () => {
    await until(insights(), () => platform.signals).toEqual([15]);
    const begun = Date.now();
    while (Date.now() - begun < 2_500) {
      expect(await (await post("x")).text()).toBe("x");
      await scheduler.wait(50);
    }
    expect(platform.kills).toBe(0);
    await until(insights(), () => platform.kills).toBe(1);
    expect(platform.signals.length).toBeGreaterThan(1);
  });
});

it("a service that takes long to warm up is waited for, longer than a start may take", async () => {
  platform.service = async (request) => {
    await scheduler.wait(1_500);
    return answered(request, "warm");
  };
  expect(await (await post("x")).text()).toBe("warm");
  expect(platform.signals).toEqual([]);
});

describe("a download", () => {
  const endless = () =>
    new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(MIB)) }, { highWaterMark: 0 });

  beforeEach(() => {
    xetPlatform.service = (request) => answered(request, endless(), { headers: { "Content-Length": `${200 * MIB}` } });
  });

  it("whose clients are gone lets the container sleep", async () => {
    const controllers = Array.from({ length: 20 }, () => new AbortController());
    const answers = await Promise.all(controllers.map(({ signal }) => ask(FILE, { signal })));
    await Promise.all(answers.map((answer) => answer.body?.getReader().read()));
    expect((await xet().condition()).underway).toBe(20);
    for (const controller of controllers) controller.abort();
    await expect.poll(async () => (await xet().condition()).underway, { timeout: 5_000 }).toBe(0);
    await until(xet(), () => xetPlatform.signals).toEqual([15]);
  });

  it("that a client no longer takes lets the container sleep, once the service has sent all of it", async () => {
    const reader = (await ask(FILE)).body?.getReader();
    await reader?.read();
    xetPlatform.inFlight = 1;
    const begun = Date.now();
    while (Date.now() - begun < 5_000) {
      await runDurableObjectAlarm(xet());
      await scheduler.wait(100);
    }
    expect([(await xet().condition()).underway, xetPlatform.signals]).toEqual([1, []]);

    xetPlatform.inFlight = 0;
    await until(xet(), () => xetPlatform.signals).toEqual([15]);
    expect(told("container-idle")).toMatchObject([{ service: "xet", underway: 1 }]);
    await reader?.cancel();
  });

  it("that breaks off with its container is not counted any longer", async () => {
    xetPlatform.service = (request) => {
      let parts = 3;
      const body = new ReadableStream({
        pull: (controller) => {
          parts -= 1;
          if (parts > 0) controller.enqueue(new Uint8Array(MIB));
          else controller.error(new Error(CONNECTION_LOST));
        },
      });
      return answered(request, body, { headers: { "Content-Length": `${200 * MIB}` } });
    };
    const answer = await ask(FILE);
    await expect(answer.arrayBuffer()).rejects.toThrow();
    await expect.poll(async () => (await xet().condition()).underway).toBe(0);
  });

  it("is cut off where it takes longer than its length can explain", async () => {
    let ended = 0;
    const visits = new Visits(async () => undefined, 50);
    const visit = visits.begin(null, () => void (ended += 1));
    const source = new Response(endless(), { headers: { "Content-Length": `${128 * 1024}` } });
    const begun = Date.now();
    const answer = passed(source, source.body as ReadableStream<Uint8Array>, visit, 500);
    expect(visits.count).toBe(1);
    await expect.poll(() => visits.count, { timeout: 10_000 }).toBe(0);
    // Half a second, and two for 128 KiB at 64 KiB a second.
    expect(Date.now() - begun).toBeGreaterThan(2_400);
    await expect(answer.arrayBuffer()).rejects.toThrow();
    expect(ended).toBe(1);
  });
});

describe("what a container tells its dispatcher", () => {
  it("goes in one message at a time, the first at once", async () => {
    const sent: (readonly string[] | undefined)[] = [];
    const { promise: heard, resolve } = Promise.withResolvers<void>();
    const visits = new Visits(async ({ ended }) => {
      sent.push(ended);
      if (sent.length === 1) await heard;
    });
    const all = ["a", "b", "c", "d"].map((lease) => visits.begin(lease, () => undefined));
    for (const visit of all) visit.end();
    for (const visit of all) visit.end();
    expect(sent).toEqual([["a"]]);
    resolve();
    await expect.poll(() => sent).toEqual([["a"], ["b", "c", "d"]]);
  });

  it("is what goes on, again and again, and nothing once all has ended", async () => {
    const sent: (readonly string[] | undefined)[] = [];
    const visits = new Visits(async ({ underway }) => void sent.push(underway), 20);
    const [first, second] = ["a", "b"].map((lease) => visits.begin(lease, () => undefined));
    visits.begin(null, () => undefined);
    await expect.poll(() => sent.filter((underway) => underway?.length === 2).length).toBeGreaterThan(2);
    expect(sent).toContainEqual(["a", "b"]);
    first?.end();
    second?.end();
    await scheduler.wait(60);
    const count = sent.length;
    await scheduler.wait(100);
    expect(sent.length).toBe(count);
  });

  it("is lost where the dispatcher fails, and does no harm", async () => {
    let calls = 0;
    const visits = new Visits(async () => {
      calls += 1;
      throw new Error("overloaded");
    });
    for (const lease of ["a", "b"]) {
      visits.begin(lease, () => undefined).end();
      await scheduler.wait(20);
    }
    expect([calls, visits.count]).toEqual([2, 0]);
  });

  it("is nothing where nobody keeps count", async () => {
    let calls = 0;
    const visits = new Visits(async () => void (calls += 1), 10);
    const visit = visits.begin(null, () => undefined);
    visits.turn("awake");
    await scheduler.wait(50);
    visit.end();
    expect(calls).toBe(0);
  });
});

it("variables of the jobs, and others' secrets, reach no container, with or without a queue", () => {
  const secrets = { OFFING_JOBS_WEBHOOK_KEY: "x", OFFING_XET_TOKEN: "x", HF_TOKEN: "x", OCR_UPSTREAM_KEY: "x" };
  const everyones = { OFFING_LOG_LEVEL: "info" };
  for (const bindings of [{ XET: {}, OCR: {} }, { XET: {}, OCR: {}, JOBS: {} }]) {
    expect(settings({ ...bindings, ...secrets, ...everyones }, "ocr", [])).toEqual(everyones);
  }
});
