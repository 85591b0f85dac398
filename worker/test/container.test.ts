import { createExecutionContext, env, reset, runDurableObjectAlarm } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import worker from "../src/index";
import { containerProblem } from "../src/problems";
import { ANALYSIS, ask, post, problemOf, streamed } from "./asking";
import { answered, CONNECTION_LOST, draining, echo, newPlatform, platform, type Service } from "./platform";

const MIB = 1024 * 1024;

/** The container's state, as /health tells it. */
const state = async (): Promise<string> =>
  (await (await ask("/health")).json<{ services: { insights: { state: string } } }>()).services.insights.state;

/** Answers as the service does, but ends the container's first run by `first`. */
function firstThen(first: Service): Service {
  return (request) => (platform.starts.length === 1 ? first(request) : echo(request));
}

const drainThenEnd: Service = (request) => {
  setTimeout(() => platform.end(), 100);
  return draining(request);
};

const breakOff: Service = () => {
  platform.end(new Error("Container exited with unexpected exit code: 137"));
  throw new Error(CONNECTION_LOST);
};

beforeEach(() => {
  newPlatform();
});
afterEach(reset);

describe("a start", () => {
  it("happens once, however many ask for it", async () => {
    const answers = await Promise.all(Array.from({ length: 8 }, (_, index) => post(`body ${index}`)));
    expect(await Promise.all(answers.map((answer) => answer.text()))).toEqual(answers.map((_, index) => `body ${index}`));
    expect(platform.starts).toHaveLength(1);
    expect(await state()).toBe("awake");
  });

  it("hands the container the variables that begin with OFFING_, and no other", async () => {
    await (await post("x")).text();
    expect(platform.starts[0]?.env).toEqual({ OFFING_LOG_LEVEL: "warning", OFFING_REQUEST_SECONDS: "780" });
  });

  it("is told while it goes on", async () => {
    platform.getTcpPort = () => ({ fetch: () => new Promise<Response>(() => undefined) });
    const asked = post("x");
    await expect.poll(state).toBe("starting");
    expect((await asked).status).toBe(503);
  });

  it("happens anew after the container has slept", async () => {
    await (await post("x")).text();
    platform.end();
    expect(await state()).toBe("asleep");
    expect(platform.starts).toHaveLength(1);
    expect(await (await post("x")).text()).toBe("x");
    expect(platform.starts).toHaveLength(2);
  });
});

describe("a container that can't start is a 503 that says when to try again", () => {
  const noInstance = "there is no container instance that can be provided to this durable object";

  it.each<[string, () => void, RegExp]>([
    ["crash at start", () => platform.end(new Error("Container exited with unexpected exit code: 1")), /stopped while/],
    ["an end without a word", () => platform.end(), /could not be started/],
    ["no instance", () => platform.end(new Error(noInstance)), /No container is free/],
    [
      "too many starts",
      () => {
        platform.running = false;
        throw new Error("you are requesting too many containers per second");
      },
      /too fast/,
    ],
    [
      "limit exceeded",
      () => {
        platform.running = false;
        throw new Error("Maximum number of running container instances exceeded. Try again later.");
      },
      /No container is free/,
    ],
    [
      "image missing",
      () => {
        platform.running = false;
        throw new Error("No such image available named cloudflare-dev/insights:1234");
      },
      /image is not there/,
    ],
  ])("%s", async (_, failStart, told) => {
    platform.failStart = failStart;
    expect(await problemOf(await post("x"), 503, "container-unavailable")).toMatch(told);
    expect(await state()).toBe("failed");

    platform.failStart = undefined;
    expect(await (await post("x")).text()).toBe("x");
    expect(await state()).toBe("awake");
  });

  it("a port that is never ready", async () => {
    platform.getTcpPort = () => ({ fetch: () => new Promise<Response>(() => undefined) });
    expect(await problemOf(await post("x"), 503, "container-unavailable")).toMatch(/did not begin to listen/);
    expect(await state()).toBe("failed");
  });

  it.each([
    "Failed to verify port 8080 is available after 20000ms, last error: the container is not listening",
    "Container crashed while checking for ports, did you start the container and setup the entrypoint correctly?",
    "runtime signalled the container to exit: 137",
    "Container request aborted.",
    "words that nobody has seen yet",
    "",
  ])("whatever the platform says: %s", (cause) => {
    expect(containerProblem(cause)).toMatchObject({ status: 503, code: "container-unavailable" });
  });
});

describe("a container that goes down loses no request", () => {
  it.each<[string, Service]>([
    ["drains", drainThenEnd],
    ["breaks the connection", breakOff],
  ])("where it %s, the next one is asked", async (_, goDown) => {
    platform.service = firstThen(goDown);
    const answer = await post("the body");
    expect([answer.status, await answer.text()]).toEqual([200, "the body"]);
    expect(platform.starts).toHaveLength(2);
  });

  it("nor many at once, which wait for the same new one and look for it together", async () => {
    platform.service = firstThen(drainThenEnd);
    const answers = await Promise.all(Array.from({ length: 8 }, (_, index) => post(`body ${index}`)));
    expect(await Promise.all(answers.map((answer) => answer.text()))).toEqual(answers.map((_, index) => `body ${index}`));
    expect(platform.starts).toHaveLength(2);
    expect(platform.looks).toBeLessThan(6);
  });

  it("nor one without a body", async () => {
    platform.service = firstThen(drainThenEnd);
    expect((await ask("/insights/readyz")).status).toBe(200);
  });

  it("nor one whose length was not announced", async () => {
    platform.service = firstThen(drainThenEnd);
    const answer = await post(streamed(new Uint8Array(MIB).fill(1), new Uint8Array(MIB).fill(2)));
    const body = new Uint8Array(await answer.arrayBuffer());
    expect([body.length, body[0], body[2 * MIB - 1]]).toEqual([2 * MIB, 1, 2]);
  });

  it("nor one whose connection breaks while the container lives on, which is asked at once", async () => {
    platform.service = (request) => {
      platform.service = echo;
      throw new Error(`${CONNECTION_LOST} ${request.method}`);
    };
    const begun = Date.now();
    expect(await (await post("the body")).text()).toBe("the body");
    expect(Date.now() - begun).toBeLessThan(1_000);
    expect(platform.starts).toHaveLength(1);
  });

  it("but repeats none twice", async () => {
    platform.service = breakOff;
    expect(await problemOf(await post("x"), 503, "container-lost")).toMatch(/stopped before/);
    expect(platform.starts).toHaveLength(2);
  });

  it("and tells the client to repeat what is too large to be kept", async () => {
    platform.service = firstThen(async (request) => {
      await request.arrayBuffer();
      return drainThenEnd(request);
    });
    const answer = await post(new Uint8Array(6 * MIB + 1));
    expect([answer.status, answer.headers.get("Retry-After")]).toEqual([503, "2"]);
    expect(platform.starts).toHaveLength(1);
  });
});

describe("a body", () => {
  const parts = [1, 2, 3, 4].map((value) => new Uint8Array(2 * MIB).fill(value));

  it.each<[string, () => BodyInit]>([
    ["of a known length", () => new Blob(parts)],
    ["of no announced length", () => streamed(...parts)],
  ])("%s that is too large to be kept arrives whole", async (_, body) => {
    const answer = await post(body());
    const echoed = new Uint8Array(await answer.arrayBuffer());
    expect(echoed.length).toBe(8 * MIB);
    expect([0, 2, 4, 6].map((offset) => echoed[offset * MIB])).toEqual([1, 2, 3, 4]);
  });

  it("finds room again after many were kept", async () => {
    for (let index = 0; index < 12; index += 1) {
      expect((await (await post(new Uint8Array(5 * MIB))).arrayBuffer()).byteLength).toBe(5 * MIB);
    }
    platform.service = firstThen(drainThenEnd);
    expect((await (await post(new Uint8Array(5 * MIB))).arrayBuffer()).byteLength).toBe(5 * MIB);
    expect(platform.starts).toHaveLength(2);
  });

  it("finds room again after many clients have hung up", async () => {
    platform.service = () => scheduler.wait(10_000).then(() => new Response());
    for (let index = 0; index < 12; index += 1) {
      const controller = new AbortController();
      const asked = ask(ANALYSIS, { method: "POST", body: new Uint8Array(5 * MIB), signal: controller.signal });
      setTimeout(() => controller.abort(), 50);
      await expect(asked).rejects.toThrow(/abort/i);
    }
    platform.service = firstThen(drainThenEnd);
    expect((await (await post(new Uint8Array(5 * MIB))).arrayBuffer()).byteLength).toBe(5 * MIB);
  });

  it.each([true, false])("that is refused unread is still taken from the client, its length told: %s", async (told) => {
    platform.service = (request) => answered(request, "too large", { status: 413 });
    let taken = 0;
    const source = new ReadableStream({
      pull(controller) {
        taken += 1;
        if (taken < 12) controller.enqueue(new Uint8Array(MIB));
        else controller.close();
      },
    });
    const { readable, writable } = told ? new FixedLengthStream(11 * MIB) : new IdentityTransformStream();
    const [answer] = await Promise.all([post(readable), source.pipeTo(writable)]);
    expect([answer.status, await answer.text(), taken]).toEqual([413, "too large", 12]);
  });

  it("that breaks off is the client's fault", async () => {
    const body = new ReadableStream({ pull: (controller) => controller.error(new Error("gone")) });
    const request = new Request<unknown, IncomingRequestCfProperties>(`https://offing.example${ANALYSIS}`, { method: "POST", body });
    await problemOf(await worker.fetch(request, env, createExecutionContext()), 400, "bad-request");
    expect(platform.starts).toEqual([]);
  });
});

describe("an answer", () => {
  it("keeps the length that the service gave it", async () => {
    platform.service = (request) => answered(request, "twelve bytes", { headers: { "Content-Length": "12" } });
    const answer = await post("x");
    expect([answer.headers.get("Content-Length"), await answer.text()]).toEqual(["12", "twelve bytes"]);
  });

  it("that breaks off is asked for anew", async () => {
    platform.service = firstThen((request) => {
      const body = new ReadableStream({
        start: (controller) => controller.enqueue(new Uint8Array(6)),
        pull: (controller) => {
          platform.end();
          controller.error(new Error(CONNECTION_LOST));
        },
      });
      return answered(request, body, { headers: { "Content-Length": "12" } });
    });
    expect(await (await post("the body")).text()).toBe("the body");
  });

  it("that is larger than is held passes as it comes", async () => {
    const large = new Uint8Array(3 * MIB).fill(7);
    platform.service = (request) => answered(request, large, { headers: { "Content-Length": `${large.length}` } });
    expect(new Uint8Array(await (await post("x")).arrayBuffer())).toEqual(large);
  });

  it("without a length or a body stays without", async () => {
    platform.service = (request) => answered(request, null, { status: 204 });
    expect((await ask(ANALYSIS, { method: "HEAD" })).status).toBe(204);
    platform.service = (request) => answered(request, streamed(new Uint8Array(3)));
    const answer = await post("x");
    expect([answer.headers.get("Content-Length"), (await answer.arrayBuffer()).byteLength]).toEqual([null, 3]);
  });
});

describe("idle time", () => {
  it("ends the container with SIGTERM, and not before", async () => {
    await (await post("x")).text();
    const object = env.INSIGHTS.get(env.INSIGHTS.idFromName("instance-0"));
    expect(platform.signals).toEqual([]);
    await expect.poll(() => runDurableObjectAlarm(object).then(() => platform.signals), { timeout: 5_000 }).toEqual([15]);
    expect(await state()).toBe("asleep");
  });
});

it("a request whose client hangs up ends in the container", async () => {
  let hungUp = false;
  platform.service = async (request) => {
    while (!request.signal.aborted) await scheduler.wait(5);
    hungUp = true;
    throw new Error("nobody is left to answer");
  };
  const controller = new AbortController();
  const asked = ask(ANALYSIS, { signal: controller.signal });
  setTimeout(() => controller.abort(), 100);
  await expect(asked).rejects.toThrow(/abort/i);
  await expect.poll(() => hungUp).toBe(true);
});
