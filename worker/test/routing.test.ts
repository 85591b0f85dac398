import { reset } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import init from "../../src/offing/__init__.py?raw";
import { version } from "../package.json";
import { ANALYSIS, ask, askToTheEnd, post, problemOf } from "./asking";
import { answered, newPlatform, platform } from "./platform";

const MADE = /^[0-9a-f-]{36}$/;

beforeEach(() => {
  newPlatform();
});
afterEach(reset);

describe("what the Worker answers itself", () => {
  it("lists what is there", async () => {
    const answer = await ask("/");
    const insights = { title: "Image insights", paths: expect.arrayContaining(["/v1/image/"]) };
    const ocr = { title: "OCR", paths: expect.arrayContaining(["/ocr"]) };
    const xet = { title: "Xet downloads", patterns: [expect.stringContaining("/resolve/")] };
    expect(await answer.json()).toMatchObject({ service: "offing", version, services: { insights, ocr, xet } });
  });

  it("has the version of the Python package", () => {
    expect(init).toContain(`__version__ = "${version}"`);
  });

  it("tells the state of a container that was never started, and starts none", async () => {
    const answer = await ask("/health");
    const asleep = { state: "asleep", instances: [{ name: "instance-0", state: "asleep", underway: 0 }] };
    const services = { insights: asleep, ocr: asleep, xet: asleep };
    expect(await answer.json()).toEqual({ status: "healthy", service: "offing", version, services });
    expect(answer.headers.get("Cache-Control")).toBe("no-store");
    expect(platform.starts).toEqual([]);
  });

  it.each(["/", "/health"])("answers HEAD %s without a body", async (path) => {
    const answer = await ask(path, { method: "HEAD" });
    expect(answer.status).toBe(200);
    expect(await answer.text()).toBe("");
  });

  it.each(["/", "/health"])("lets nobody POST to %s", async (path) => {
    const answer = await ask(path, { method: "POST", body: "x" });
    await problemOf(answer, 405, "method-not-allowed");
    expect(answer.headers.get("Allow")).toBe("GET, HEAD");
  });

  it.each([
    "/nothing",
    "/v1/images/analysis",
    "/v1/image",
    "/insights/metrics",
    "/insights/health/more",
    "/healthy",
    "//v1/image/analysis",
  ])("knows nothing at %s, and wakes nothing to say so", async (path) => {
    await problemOf(await ask(path), 404, "not-found");
    expect(platform.starts).toEqual([]);
  });

  it("lets a browser read a problem", async () => {
    const answer = await ask("/nothing", { headers: { Origin: "https://page.example" } });
    expect(answer.headers.get("Access-Control-Allow-Origin")).toBe("*");
  });
});

describe("what the Worker passes on", () => {
  it("sends a request as it came", async () => {
    let seen: Request | undefined;
    platform.service = async (request) => {
      seen = request.clone() as Request;
      return answered(request, await request.text(), { status: 418, headers: { "Server-Timing": "decode;dur=1" } });
    };
    const headers = { "Content-Type": "text/plain", "X-API-Key": "a key", Origin: "https://elsewhere.example" };
    const answer = await ask(`${ANALYSIS}?metrics=a%20b&edge_mode=`, { method: "POST", body: "body", headers });
    expect(answer.status).toBe(418);
    expect(await answer.text()).toBe("body");
    expect(answer.headers.get("Server-Timing")).toMatch(/, decode;dur=1$/);
    expect(seen?.method).toBe("POST");
    expect(seen?.url).toBe(`http://offing.example${ANALYSIS}?metrics=a%20b&edge_mode=`);
    expect(Object.fromEntries(seen?.headers ?? [])).toMatchObject({
      "content-type": "text/plain",
      "x-api-key": "a key",
      origin: "https://elsewhere.example",
    });
  });

  it.each(["/insights/health", "/insights/livez", "/insights/readyz"])("asks the container at %s", async (path) => {
    platform.service = (request) => answered(request, new URL(request.url).pathname, { status: 503 });
    const answer = await ask(path);
    expect([answer.status, await answer.text()]).toEqual([503, path]);
  });

  it("leaves a redirect to the client", async () => {
    platform.service = (request) => answered(request, null, { status: 307, headers: { Location: "/docs" } });
    const answer = await ask(ANALYSIS);
    expect([answer.status, answer.headers.get("Location")]).toEqual([307, "/docs"]);
  });

  it.each([500, 502, 503, 429])("leaves the service's own %i alone", async (status) => {
    platform.service = (request) => answered(request, "its own words", { status });
    const answer = await post("x");
    expect([answer.status, await answer.text()]).toEqual([status, "its own words"]);
    expect(platform.ports).toHaveLength(1);
  });

  it("keeps the client's Expect to itself, which it has met", async () => {
    platform.service = (request) => answered(request, request.headers.get("Expect"));
    expect(await (await ask(ANALYSIS, { headers: { Expect: "100-continue" } })).text()).toBe("");
  });

  it("lets no header choose the container's port", async () => {
    await ask(ANALYSIS, { headers: { "cf-container-target-port": "22" } });
    expect(platform.ports).toEqual([8080]);
  });
});

describe("the request id", () => {
  it.each(["a", "My.id_1-2", "x".repeat(64)])("is the client's where that is sane: %s", async (id) => {
    for (const path of [ANALYSIS, "/health", "/nothing"]) {
      expect((await ask(path, { headers: { "X-Request-ID": id } })).headers.get("X-Request-ID")).toBe(id);
    }
  });

  it.each(["", "x".repeat(65), "a b", "a/b", "<i>", '","x":"'])("is made where the client's is not: %s", async (id) => {
    for (const path of [ANALYSIS, "/health", "/nothing"]) {
      expect((await ask(path, { headers: { "X-Request-ID": id } })).headers.get("X-Request-ID")).toMatch(MADE);
    }
  });

  it("is another one for each request", async () => {
    const ids = await Promise.all([1, 2, 3].map(async () => (await ask("/")).headers.get("X-Request-ID")));
    expect(new Set(ids).size).toBe(3);
  });
});

describe("the log", () => {
  it("has one line a request, without path, query, body or key", async () => {
    const lines: string[] = [];
    const keep = (line: string) => void lines.push(line);
    const spies = [vi.spyOn(console, "log").mockImplementation(keep), vi.spyOn(console, "error").mockImplementation(keep)];
    const init = { method: "POST", body: "private", headers: { "X-API-Key": "private", "X-Request-ID": "its-id" } };
    await askToTheEnd({}, `${ANALYSIS}?url=private`, init);
    await askToTheEnd({}, "/private?private", init);
    for (const spy of spies) spy.mockRestore();
    expect(lines.join("\n")).not.toContain("private");
    const told = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    // Of earlier requests there may be lines that come late.
    const requests = told.filter(({ event, request_id }) => event === "request" && request_id === "its-id");
    expect(requests).toMatchObject([
      { event: "request", service: "insights", method: "POST", status: 200, request_id: "its-id" },
      { event: "request", service: "edge", method: "POST", status: 404, request_id: "its-id" },
    ]);
  });
});
