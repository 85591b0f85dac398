import { env, reset } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { network } from "../src/limited";
import { ANALYSIS, ask, askToTheEnd, askWith, post, problemOf, streamed } from "./asking";
import { answered, draining, echo, newPlatform, platform, xetPlatform } from "./platform";

const MIB = 1024 * 1024;
const KEYS = ["offing_pQ9d0Tz4bR1xKfA7eYwV3uH6sJ8mN5cLg2iO0qXtZyM", "offing_Wm2v5mO8nY3jQkqUO2bN0cB5n8Hk1rJt4sXzGxL6aEo"];
const OFFING_API_KEYS =
  "sha256:d6662f856d66b898533526365d18e5bc91741a88ec02df5eee0dde56ac2d8f4b," +
  "sha256:0fa293a90cf7d62a91eceadd15a9929ae059a3cb8220d89d3fcd6c5624a08a3f";
/** Lets three of a kind through in a minute: the platform's own counter. */
const RATE_LIMIT = (env as unknown as Record<string, RateLimit>)["RATE_OF_THREE"] as RateLimit;

const from = (address: string, path = ANALYSIS): Promise<Response> =>
  askToTheEnd({ RATE_LIMIT }, path, { headers: { "CF-Connecting-IP": address } });
const withKey = (key = "", path = ANALYSIS): Promise<Response> =>
  askToTheEnd({ RATE_LIMIT, OFFING_API_KEYS }, path, { headers: { "X-API-Key": key } });

/** Asks until it is refused. The counter begins anew with each minute, so one more round may pass. */
async function refused(send: () => Promise<Response>): Promise<Response> {
  for (let tries = 0; tries < 20; tries += 1) {
    const answer = await send();
    if (answer.status !== 200) return answer;
    await answer.arrayBuffer();
  }
  throw new Error("never refused");
}

const fetches = (): number => platform.ports.length;

/** A body that begins, and never goes on. */
const stalled = (): ReadableStream<Uint8Array> =>
  new ReadableStream({ start: (controller) => controller.enqueue(new Uint8Array([1])) });

const sizes = async (answer: Response): Promise<unknown> => {
  const { code, max_size_bytes, received_size_bytes } = await answer.json<Record<string, unknown>>();
  return [answer.status, code, max_size_bytes, received_size_bytes];
};

beforeEach(() => {
  newPlatform();
});
afterEach(async () => {
  vi.restoreAllMocks();
  await reset();
});

describe("too many requests", () => {
  it("of one address are a 429 that says when to come again, and reach no container", async () => {
    const answer = await refused(() => from("192.0.2.1"));
    expect(answer.headers.get("Retry-After")).toBe("60");
    const asked = fetches();
    await problemOf(answer, 429, "too-many-requests");
    expect(asked).toBeGreaterThanOrEqual(3);
    expect((await from("192.0.2.2")).status).toBe(200);
    expect(fetches()).toBe(asked + 1);
  });

  it("are counted for the key, wherever it comes from", async () => {
    let host = 0;
    const [first, second] = KEYS;
    const headers = (): HeadersInit => ({ "X-API-Key": first ?? "", "CF-Connecting-IP": `192.0.2.${(host += 1)}` });
    const send = (): Promise<Response> => askToTheEnd({ RATE_LIMIT, OFFING_API_KEYS }, ANALYSIS, { headers: headers() });
    expect((await refused(send)).status).toBe(429);
    expect((await withKey(second)).status).toBe(200);
  });

  it("are not made of those that show no key", async () => {
    for (let each = 0; each < 8; each += 1) expect((await withKey("wrong")).status).toBe(401);
  });

  it.each(["/", "/health", "/insights/health", "/insights/livez", "/insights/readyz"])("are not made of %s", async (path) => {
    for (let each = 0; each < 8; each += 1) expect((await from("192.0.2.3", path)).status).toBe(200);
  });

  it("are not made of preflights", async () => {
    const headers = {
      Origin: "https://page.example",
      "Access-Control-Request-Method": "POST",
      "CF-Connecting-IP": "192.0.2.4",
    };
    for (let each = 0; each < 8; each += 1) {
      expect((await askWith({ RATE_LIMIT }, ANALYSIS, { method: "OPTIONS", headers })).status).toBe(204);
    }
  });

  it("pass where nothing counts them, and where the counter fails", async () => {
    const error = vi.spyOn(console, "error").mockImplementation(() => undefined);
    const failing = { limit: () => Promise.reject(new Error("out of order")) };
    expect((await askWith({ RATE_LIMIT: undefined as unknown as RateLimit }, ANALYSIS)).status).toBe(200);
    expect((await askWith({ RATE_LIMIT: failing }, ANALYSIS, { headers: { "CF-Connecting-IP": "192.0.2.5" } })).status).toBe(200);
    expect(error.mock.calls.map(([line]) => JSON.parse(line))).toMatchObject([{ event: "rate-limit-failed" }]);
  });

  it("keep nobody waiting for the count who was within the limit just now", async () => {
    const { promise: counts, resolve } = Promise.withResolvers<RateLimitOutcome>();
    const slow = { limit: vi.fn(() => counts) };
    const headers = { "CF-Connecting-IP": "192.0.2.6" };
    vi.spyOn(Date, "now").mockReturnValue(Date.now()); // however long the start takes
    expect((await from("192.0.2.6")).status).toBe(200);
    expect((await askWith({ RATE_LIMIT: slow }, ANALYSIS, { headers })).status).toBe(200);
    await expect.poll(() => slow.limit.mock.calls.length).toBe(1);
    const other = askWith({ RATE_LIMIT: slow }, ANALYSIS, { headers: { "CF-Connecting-IP": "192.0.2.7" } });
    resolve({ success: false });
    await problemOf(await other, 429, "too-many-requests");
    await problemOf(await askWith({ RATE_LIMIT: slow }, ANALYSIS, { headers }), 429, "too-many-requests");
  });

  it.each([
    ["192.0.2.1", "192.0.2.1"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2"],
    ["2001:db8:1:2::1", "2001:db8:1:2"],
    ["2001:db8::1", "2001:db8:0:0"],
    ["2001:db8::1:2:3:4:5", "2001:db8:0:1"],
    ["::1", "0:0:0:0"],
    ["::ffff:192.0.2.1", "::ffff:192.0.2.1"],
    ["1:2:3:4:5:6:7:8::9", "1:2:3:4"],
    ["", ""],
  ])("are counted for an address, of IPv6 for its network: %s", (address, counted) => {
    expect(network(address)).toBe(counted);
  });
});

describe("a body", () => {
  const limit = { INSIGHTS_MAX_BODY_BYTES: String(MIB) };
  const send = (body: BodyInit, headers: HeadersInit = {}): Promise<Response> =>
    askWith(limit, ANALYSIS, { method: "POST", body, headers });

  it("that is announced as too large is a 413 at once, and wakes nothing", async () => {
    const answer = await send(new Uint8Array(MIB + 1));
    expect(answer.headers.get("Content-Type")).toBe("application/problem+json");
    expect(await sizes(answer)).toEqual([413, "too-large", MIB, MIB + 1]);
    expect(platform.starts).toEqual([]);
  });

  it("of just the limit passes", async () => {
    platform.service = echo;
    for (const body of [new Uint8Array(MIB), streamed(new Uint8Array(MIB - 1), new Uint8Array(1))]) {
      expect((await (await send(body)).arrayBuffer()).byteLength).toBe(MIB);
    }
  });

  it("that turns out too large is a 413, and wakes nothing while it would fit into memory", async () => {
    const answer = await send(streamed(new Uint8Array(MIB), new Uint8Array(1), new Uint8Array(MIB)));
    expect(await sizes(answer)).toEqual([413, "too-large", MIB, MIB + 1]);
    expect(platform.starts).toEqual([]);
  });

  it("that turns out too large on its way is a 413, and no container takes it for whole", async () => {
    const whole = vi.fn();
    platform.service = async (request) => {
      await request.arrayBuffer().then((read) => whole(read.byteLength), () => undefined);
      return answered(request, "read");
    };
    const parts = Array.from({ length: 10 }, () => new Uint8Array(MIB));
    const body = streamed(...parts);
    const answer = await askWith({ INSIGHTS_MAX_BODY_BYTES: String(8 * MIB) }, ANALYSIS, { method: "POST", body });
    expect(await sizes(answer)).toEqual([413, "too-large", 8 * MIB, 9 * MIB]);
    await scheduler.wait(100);
    expect(whole).not.toHaveBeenCalled();
  });

  it("has the limit of its own service", async () => {
    const body = new Uint8Array(MIB + 1);
    expect((await ask("/repos/acme/model", { method: "POST", body })).status).toBe(413);
    expect(xetPlatform.starts).toEqual([]);
    expect((await post(body)).status).toBe(200);
  });

  it.each(["", "0", "-1", "many", "Infinity"])("is limited all the same where the setting says %j", async (given) => {
    const send = (length: string): Promise<Response> =>
      askWith({ INSIGHTS_MAX_BODY_BYTES: given }, ANALYSIS, { method: "POST", headers: { "Content-Length": length } });
    expect(await sizes(await send("100000001"))).toEqual([413, "too-large", 100_000_000, 100_000_001]);
    expect((await send("100000000")).status).toBe(200);
  });

  it("that is refused gives its room back", async () => {
    const body = (): ReadableStream<Uint8Array> => streamed(new Uint8Array(2 * MIB));
    for (let each = 0; each < 8; each += 1) expect((await send(body())).status).toBe(413);
    expect(await isKept()).toBe(true);
  });
});

/** Whether there is room to keep a body: then it is sent again where a container drains. */
async function isKept(): Promise<boolean> {
  const before = platform.starts.length;
  platform.service = (request) => {
    if (platform.starts.length > before + 1) return echo(request);
    setTimeout(() => platform.end(), 50);
    return draining(request);
  };
  if (platform.running) platform.end();
  const answer = await post(streamed(new Uint8Array(10)));
  return answer.status === 200 && (await answer.arrayBuffer()).byteLength === 10;
}

describe("a request that takes too long", () => {
  const soon = { INSIGHTS_REQUEST_SECONDS: "0.2" };

  it("in the container is a 504, and ends there", async () => {
    const ended = vi.fn();
    platform.service = ({ signal }) =>
      new Promise((_, reject) => {
        signal.addEventListener("abort", () => {
          ended();
          reject(new Error("gone"));
        });
      });
    const answer = await askWith(soon, ANALYSIS, { method: "POST", body: "x" });
    expect(await problemOf(answer, 504, "took-too-long")).toMatch(/time limit/);
    await expect.poll(() => ended.mock.calls.length).toBe(1);
  });

  it("to come is a 408, kept or streamed", async () => {
    platform.service = echo;
    const large = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(new Uint8Array(7 * MIB)),
    });
    const send = (body: BodyInit): Promise<Response> => askWith(soon, ANALYSIS, { method: "POST", body });
    for (const answer of await Promise.all([send(stalled()), send(large)])) {
      await problemOf(answer, 408, "slow-request");
    }
  });

  it("gives the room of its body back", async () => {
    const send = (): Promise<Response> => askWith(soon, ANALYSIS, { method: "POST", body: stalled() });
    const answers = await Promise.all(Array.from({ length: 8 }, send));
    expect(answers.map(({ status }) => status)).toEqual(Array(8).fill(408));
    expect(await isKept()).toBe(true);
  });

  it("is none whose answer has begun", async () => {
    await (await post("x")).text();
    platform.service = (request) =>
      answered(
        request,
        new ReadableStream({
          start: async (controller) => {
            controller.enqueue(new Uint8Array([1]));
            await scheduler.wait(2_500);
            controller.enqueue(new Uint8Array([2]));
            controller.close();
          },
        }),
      );
    const answer = await askWith({ INSIGHTS_REQUEST_SECONDS: "2" }, ANALYSIS);
    expect([answer.status, (await answer.arrayBuffer()).byteLength]).toEqual([200, 2]);
  });

  it.each(["", "0", "soon"])("has two minutes where the setting says %j", async (given) => {
    const timer = vi.spyOn(globalThis, "setTimeout");
    await askWith({ INSIGHTS_REQUEST_SECONDS: given }, ANALYSIS);
    expect(timer.mock.calls.map(([, milliseconds]) => milliseconds)).toContain(120_000);
  });
});
