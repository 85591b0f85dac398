import { createExecutionContext, reset, waitOnExecutionContext } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Asked } from "../src/asked";
import { noted } from "../src/noted";
import { ANALYSIS, askToTheEnd, post } from "./asking";
import { answered, newPlatform, platform } from "./platform";

const KEY = "offing_pQ9d0Tz4bR1xKfA7eYwV3uH6sJ8mN5cLg2iO0qXtZyM";
const OFFING_API_KEYS = "sha256:d6662f856d66b898533526365d18e5bc91741a88ec02df5eee0dde56ac2d8f4b";
const CALLER = "d6662f856d66";
const PRIVATE = /private|192\.0\.2\.1|offing_|page\.example/;

let lines: string[];
let points: AnalyticsEngineDataPoint[];
/** Keeps the data points: the platform's own takes them and shows them nowhere here. */
const REQUESTS = { writeDataPoint: (point?: AnalyticsEngineDataPoint) => void points.push(point ?? {}) };

/** The lines of requests: containers have theirs besides. */
const told = (): Record<string, unknown>[] =>
  lines.map((line) => JSON.parse(line) as Record<string, unknown>).filter(({ event }) => event === "request");

beforeEach(() => {
  newPlatform();
  lines = [];
  points = [];
  for (const name of ["log", "error"] as const) {
    vi.spyOn(console, name).mockImplementation((line: string) => void lines.push(line));
  }
});
afterEach(async () => {
  vi.restoreAllMocks();
  await reset();
});

/** Has a request noted, whose answer is given. */
async function passed(request: Request, answer: (asked: Asked) => Response): Promise<void> {
  const ctx = createExecutionContext();
  const asked = new Asked(request, { REQUESTS } as unknown as Env, ctx);
  await noted(asked, async () => answer(asked));
  await waitOnExecutionContext(ctx);
}

describe("a request", () => {
  it("is one line and one data point, and neither has a path, a query, a key or an address", async () => {
    platform.service = (request) => answered(request, "answer", { headers: { "Content-Length": "6" } });
    const headers = {
      "X-API-Key": KEY,
      "X-Request-ID": "its-id",
      "CF-Connecting-IP": "192.0.2.1",
      Origin: "https://page.example",
      "User-Agent": "private",
    };
    const init = { method: "POST", body: "private", headers };
    await (await askToTheEnd({ REQUESTS, OFFING_API_KEYS }, `${ANALYSIS}?url=private`, init)).text();
    expect(told()).toMatchObject([
      {
        event: "request",
        service: "insights",
        method: "POST",
        status: 200,
        milliseconds: expect.any(Number),
        bytes: 6,
        instance: "instance-0",
        cold: true,
        caller: CALLER,
        request_id: "its-id",
      },
    ]);
    expect(points).toEqual([
      {
        indexes: ["insights"],
        blobs: ["insights", "instance-0", "POST", "", CALLER],
        doubles: [200, expect.any(Number), 6, 1],
      },
    ]);
    expect(lines.join() + JSON.stringify(points)).not.toMatch(PRIVATE);
  });

  it.each([
    ["/private", 404, "not-found", "edge"],
    [`${ANALYSIS}/private`, 401, "unauthorized", "insights"],
  ])("that is refused is told by its code: %s", async (path, status, code, service) => {
    await askToTheEnd({ REQUESTS, OFFING_API_KEYS }, `${path}?private`, { headers: { "X-API-Key": "private" } });
    expect(told()).toMatchObject([{ service, status, code }]);
    expect(points).toMatchObject([{ indexes: [service], blobs: [service, "", "GET", code, ""], doubles: [status, expect.any(Number), 0, 0] }]);
    expect(lines.join() + JSON.stringify(points)).not.toMatch(PRIVATE);
  });

  it("that fails in the container is told by its code, too", async () => {
    platform.failStart = () => platform.end(new Error("Container exited with unexpected exit code: 1"));
    await askToTheEnd({ REQUESTS }, ANALYSIS);
    expect(points).toMatchObject([{ blobs: ["insights", expect.any(String), "GET", "container-unavailable", ""] }]);
  });

  it("is told with the instance that answered, and whether that was cold", async () => {
    const request = new Request(`https://offing.example${ANALYSIS}`);
    await passed(request, (asked) => {
      asked.instance = "instance-1";
      asked.cold = true;
      return new Response("x");
    });
    expect(told()).toMatchObject([{ instance: "instance-1", cold: true }]);
    expect(points).toMatchObject([{ blobs: ["insights", "instance-1", "GET", "", ""], doubles: [200, expect.any(Number), 0, 1] }]);
  });

  it("has a method of few names", async () => {
    const request = { method: "PRIVATE", url: "https://offing.example/", headers: new Headers(), body: null };
    await passed(request as unknown as Request, () => new Response("x"));
    expect(told()).toMatchObject([{ method: "other" }]);
  });

  it("is answered as well where no data set is bound", async () => {
    expect((await askToTheEnd({ REQUESTS: undefined as unknown as AnalyticsEngineDataset }, "/health")).status).toBe(200);
    expect(points).toEqual([]);
  });
});

describe("the bytes of an answer", () => {
  const seen = async (method: string, answer: Response): Promise<unknown> => {
    await passed(new Request("https://offing.example/", { method }), () => answer);
    return [told()[0]?.["bytes"], points[0]?.doubles?.[2]];
  };
  const headers = { "Content-Length": "12" };

  it("are those that it announces", async () => {
    expect(await seen("GET", new Response("x".repeat(12), { headers }))).toEqual([12, 12]);
  });

  it("are none where only the length is told", async () => {
    expect(await seen("HEAD", new Response(null, { headers }))).toEqual([0, 0]);
  });

  it("are none of a 304", async () => {
    expect(await seen("GET", new Response(null, { status: 304, headers }))).toEqual([0, 0]);
  });

  it("are unknown of a stream without a length, which is not counted", async () => {
    expect(await seen("GET", new Response(new ReadableStream()))).toEqual([undefined, 0]);
  });
});

describe("of requests that succeed", () => {
  it.each([
    ["0", 0],
    ["1", 20],
    ["", 20],
    ["many", 20],
    ["-1", 20],
  ])("LOG_SAMPLE %j logs its share", async (LOG_SAMPLE, count) => {
    for (let each = 0; each < 20; each += 1) await askToTheEnd({ LOG_SAMPLE, REQUESTS }, "/health");
    expect(lines).toHaveLength(count);
    expect(points).toHaveLength(20);
  });

  it("it is chance that chooses", async () => {
    const chance = vi.spyOn(Math, "random").mockReturnValue(0.3);
    await askToTheEnd({ LOG_SAMPLE: "0.3" }, "/health");
    expect(lines).toHaveLength(0);
    chance.mockReturnValue(0.29);
    await askToTheEnd({ LOG_SAMPLE: "0.3" }, "/health");
    expect(lines).toHaveLength(1);
  });

  it("failures are logged whatever the share", async () => {
    await askToTheEnd({ LOG_SAMPLE: "0" }, "/nothing");
    expect(told()).toMatchObject([{ status: 404 }]);
  });
});

it("what the log is told of a failure does not hang on the path of it", async () => {
  platform.failStart = () => platform.end(new Error("Container exited with unexpected exit code: 1"));
  await post("private", `${ANALYSIS}?private`);
  expect(lines.length).toBeGreaterThan(0);
  expect(lines.join()).not.toContain("private");
});
