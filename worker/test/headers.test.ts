import { reset } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import kernel from "../../src/offing/kernel/middleware/cors.py?raw";
import { Asked } from "../src/asked";
import { EXPOSED, METHODS, PREFLIGHT_SECONDS } from "../src/cors";
import { dressed } from "../src/dressed";
import { ANALYSIS, ask, askWith, post, problemOf } from "./asking";
import { answered, newPlatform, platform, xetPlatform } from "./platform";

const ORIGIN = "https://app.example";
const OTHER = "https://other.example";
const OFFING_CORS_ORIGINS = `${ORIGIN}, ${OTHER}`;
const FILE = "/repos/acme/model";
const PREFLIGHT = {
  Origin: ORIGIN,
  "Access-Control-Request-Method": "POST",
  "Access-Control-Request-Headers": "x-api-key, content-type",
};
/** Paths that the Worker answers itself, that a container answers, and that nobody does. */
const PATHS = ["/", "/health", ANALYSIS, "/insights/health", "/nothing"];
const TIMING = /^edge;dur=\d+(\.\d+)?(, [\w-]+;dur=\d+(\.\d+)?)*$/;

/** The headers that tell a browser who may read. */
const cors = ({ headers }: Response): Record<string, string> =>
  Object.fromEntries([...headers].filter(([name]) => name.startsWith("access-control-")));

beforeEach(() => {
  newPlatform();
});
afterEach(reset);

describe("a preflight", () => {
  it.each(PATHS)("of %s is answered at once, for any origin and without credentials", async (path) => {
    const answer = await ask(path, { method: "OPTIONS", headers: { ...PREFLIGHT, Cookie: "session=1" } });
    expect([answer.status, await answer.text()]).toEqual([204, ""]);
    expect(cors(answer)).toEqual({
      "access-control-allow-origin": "*",
      "access-control-allow-methods": METHODS,
      "access-control-allow-headers": "x-api-key, content-type",
      "access-control-max-age": "86400",
    });
    expect(answer.headers.get("Vary")).toBe("Origin, Access-Control-Request-Headers");
    expect(platform.starts).toEqual([]);
  });

  it("that names no headers is told any", async () => {
    const headers = { Origin: ORIGIN, "Access-Control-Request-Method": "GET" };
    expect(cors(await ask(FILE, { method: "OPTIONS", headers }))["access-control-allow-headers"]).toBe("*");
  });

  it.each<Record<string, string>>([{}, { Origin: ORIGIN }, { "Access-Control-Request-Method": "POST" }])(
    "is not what lacks a header of one: %j",
    async (headers) => {
      platform.service = (request) => answered(request, null, { status: 204, headers: { Allow: "OPTIONS, POST" } });
      const answer = await ask(ANALYSIS, { method: "OPTIONS", headers });
      expect([answer.status, answer.headers.get("Allow")]).toEqual([204, "OPTIONS, POST"]);
    },
  );
});

describe("who may read", () => {
  it.each(PATHS)("%s is every page, and who is no page is told nothing", async (path) => {
    const told = { "access-control-allow-origin": "*", "access-control-expose-headers": EXPOSED };
    const answer = await ask(path, { headers: { Origin: ORIGIN } });
    expect(cors(answer)).toEqual(told);
    expect(answer.headers.get("Vary")).toBeNull();
    expect(cors(await ask(path))).toEqual({});
  });

  it.each([ORIGIN, OTHER])("is only who is named, where some are: %s", async (origin) => {
    for (const path of PATHS) {
      const answer = await askWith({ OFFING_CORS_ORIGINS }, path, { headers: { Origin: origin } });
      expect(cors(answer)).toEqual({
        "access-control-allow-origin": origin,
        "access-control-expose-headers": EXPOSED,
      });
      expect(answer.headers.get("Vary")).toBe("Origin");
      const headers = { ...PREFLIGHT, Origin: origin };
      expect(cors(await askWith({ OFFING_CORS_ORIGINS }, path, { method: "OPTIONS", headers }))).toMatchObject({
        "access-control-allow-origin": origin,
      });
    }
  });

  it.each(["https://evil.example", "null", `${ORIGIN}.evil.example`, "*", ORIGIN.toUpperCase()])(
    "is nobody else: %s",
    async (origin) => {
      const headers = { ...PREFLIGHT, Origin: origin };
      for (const method of ["GET", "OPTIONS"]) {
        const answer = await askWith({ OFFING_CORS_ORIGINS }, ANALYSIS, { method, headers });
        expect(cors(answer)["access-control-allow-origin"]).toBeUndefined();
        expect(answer.headers.get("Vary")).toMatch(/^Origin/);
        expect(answer.status).toBeLessThan(300);
      }
    },
  );

  it("is nobody where the setting names nobody", async () => {
    const answer = await askWith({ OFFING_CORS_ORIGINS: "," }, "/health", { headers: { Origin: ORIGIN } });
    expect(cors(answer)).toEqual({ "access-control-expose-headers": EXPOSED });
  });

  it.each(["Origin", "accept-encoding, origin", "*"])("is told once where the container told it, too: Vary %s", async (vary) => {
    platform.service = (request) => {
      const headers = new Headers({ "Access-Control-Allow-Origin": ORIGIN, "Access-Control-Expose-Headers": "ETag" });
      headers.append("Vary", vary);
      headers.set("Access-Control-Allow-Credentials", "true");
      return answered(request, "x", { headers });
    };
    const answer = await askWith({ OFFING_CORS_ORIGINS }, ANALYSIS, { headers: { Origin: ORIGIN } });
    expect(cors(answer)).toEqual({ "access-control-allow-origin": ORIGIN, "access-control-expose-headers": EXPOSED });
    expect(answer.headers.get("Vary")).toBe(vary);
    expect(cors(await ask(ANALYSIS))).toEqual({});
  });

  it("keeps what an answer varies by besides", async () => {
    platform.service = (request) => answered(request, "x", { headers: { Vary: "Accept" } });
    const answer = await askWith({ OFFING_CORS_ORIGINS }, ANALYSIS);
    expect(answer.headers.get("Vary")).toBe("Accept, Origin");
  });

  it("follows the rules of the services", () => {
    expect(METHODS).toMatch(/^GET, HEAD, POST\b/);
    expect(kernel).toContain(`METHODS = "${METHODS}"`);
    // A long text of Python's is written in parts, one below the other.
    expect(kernel.replace(/"\n\s*"/g, "")).toContain(`"${EXPOSED}"`);
    expect(kernel).toContain(`PREFLIGHT_SECONDS = ${PREFLIGHT_SECONDS}`);
  });
});

describe("every answer", () => {
  it.each(PATHS)("of %s says how a browser may use it", async (path) => {
    const { headers } = await ask(path);
    expect(headers.get("X-Content-Type-Options")).toBe("nosniff");
    expect(headers.get("Referrer-Policy")).toBe("no-referrer");
    expect(headers.get("Strict-Transport-Security")).toBe("max-age=31536000");
    expect(headers.get("Cross-Origin-Resource-Policy")).toBe("cross-origin");
    expect(headers.get("Content-Security-Policy")).toBe("default-src 'none'; frame-ancestors 'none'");
  });

  it("may be embedded by no page of another origin where only some may read", async () => {
    const { headers } = await askWith({ OFFING_CORS_ORIGINS }, ANALYSIS);
    expect(headers.get("Cross-Origin-Resource-Policy")).toBe("same-origin");
  });

  it("over http promises nothing about https", async () => {
    const asked = new Asked(new Request("http://offing.example/"), {} as Env, {} as ExecutionContext);
    const { headers } = await dressed(asked, async () => new Response("x"));
    expect(headers.get("Strict-Transport-Security")).toBeNull();
  });

  it("keeps the policy that it has, and a page without one gets none", async () => {
    const policy = "default-src 'none'; style-src 'unsafe-inline'";
    platform.service = (request) => answered(request, "x", { headers: { "Content-Security-Policy": policy } });
    expect((await ask(ANALYSIS)).headers.get("Content-Security-Policy")).toBe(policy);
    const asked = new Asked(new Request("https://offing.example/page"), {} as Env, {} as ExecutionContext);
    const page = await dressed(asked, async () => new Response("x", { headers: { "Content-Type": "text/html" } }));
    expect(page.headers.get("Content-Security-Policy")).toBeNull();
  });

  it("says each thing once, also what the service says already", async () => {
    const headers = { "X-Content-Type-Options": "nosniff", "Referrer-Policy": "origin" };
    platform.service = (request) => answered(request, "x", { headers });
    const answer = await ask(ANALYSIS, { headers: { "X-Request-ID": "its-id" } });
    expect(answer.headers.get("X-Content-Type-Options")).toBe("nosniff");
    expect(answer.headers.get("Referrer-Policy")).toBe("no-referrer");
    expect(answer.headers.get("X-Request-ID")).toBe("its-id");
  });

  it.each(PATHS)("of %s tells where its time went", async (path) => {
    expect((await ask(path)).headers.get("Server-Timing")).toMatch(TIMING);
  });

  it("has the Worker's timings before the service's own", async () => {
    platform.service = (request) =>
      answered(request, "x", { headers: { "Server-Timing": "decode;dur=1.25, total;dur=3" } });
    const told = (await ask(ANALYSIS)).headers.get("Server-Timing");
    expect(told).toMatch(TIMING);
    expect(told).toMatch(/, decode;dur=1\.25, total;dur=3$/);
  });

  it("has timings that add up", async () => {
    const asked = new Asked(new Request("https://offing.example/"), {} as Env, {} as ExecutionContext);
    const answer = await dressed(asked, async () => {
      asked.spent.set("dispatch", 1.234).set("container", 7);
      await scheduler.wait(60);
      return new Response("x", { headers: { "Server-Timing": "total;dur=6" } });
    });
    const told = answer.headers.get("Server-Timing") ?? "";
    expect(told).toMatch(/^edge;dur=[\d.]+, dispatch;dur=1\.23, container;dur=7, total;dur=6$/);
    const [edge = 0] = [...told.matchAll(/dur=([\d.]+)/g)].map(([, digits]) => Number(digits));
    expect(edge).toBeGreaterThan(40);
    asked.spent.set("container", 1e9);
    expect((await dressed(asked, async () => new Response("x"))).headers.get("Server-Timing")).toMatch(/^edge;dur=0,/);
  });
});

describe("what the Worker and its containers tell each other", () => {
  it("does not reach a client, but what is meant for it does", async () => {
    platform.service = (request) =>
      answered(request, "x", { status: 500, headers: { "X-Offing-State": "odd", "X-Offing-Verified": "file" } });
    const told = [...(await ask(ANALYSIS)).headers.keys(), ...(await ask("/nothing")).headers.keys()];
    expect(told.filter((name) => name.startsWith("x-offing-"))).toEqual(["x-offing-verified"]);
  });

  it("does not come from a client", async () => {
    let seen: Headers | undefined;
    platform.service = async (request) => {
      seen = request.headers;
      return answered(request, await request.text());
    };
    const headers = { "X-Offing-Bodiless": "keep", "x-offing-anything": "1", "X-Offering": "2", "X-Request-ID": "its-id" };
    const answer = await ask(ANALYSIS, { method: "POST", body: "body", headers });
    expect([answer.headers.get("X-Request-ID"), await answer.text()]).toEqual(["its-id", "body"]);
    expect(seen?.get("X-Offing-Bodiless")).not.toBe("keep");
    expect(seen?.get("X-Offing-Anything")).toBeNull();
    expect(seen?.get("X-Offering")).toBe("2");
  });
});

describe("an answer's body", () => {
  const size = 5 * 1024 * 1024;

  it.each([200, 304])("that is none keeps the length it would have: HEAD, %i", async (status) => {
    xetPlatform.service = (request) =>
      answered(request, null, { status, headers: { "Content-Length": String(size), ETag: '"a1"' } });
    const answer = await ask(FILE, { method: "HEAD", headers: { Origin: ORIGIN } });
    expect([answer.status, answer.headers.get("Content-Length"), await answer.text()]).toEqual([status, String(size), ""]);
    expect(cors(answer)["access-control-allow-origin"]).toBe("*");
  });

  it("that is streamed keeps its length, and is not held", async () => {
    let taken = 0;
    const body = new ReadableStream({
      pull: (controller) => {
        controller.enqueue(new Uint8Array(1024 * 1024));
        if (++taken === 100) controller.close();
      },
    }, { highWaterMark: 0 });
    xetPlatform.service = (request) => answered(request, body, { headers: { "Content-Length": String(100 * 1024 * 1024) } });
    const answer = await ask(FILE);
    expect(answer.headers.get("Content-Length")).toBe(String(100 * 1024 * 1024));
    const reader = answer.body?.getReader();
    await reader?.read();
    await scheduler.wait(200);
    expect(taken).toBeLessThan(10);
    await reader?.cancel();
  });

  it("that is compressed stays so", async () => {
    const text = "text ".repeat(1000);
    platform.service = (request) => {
      const packed = new Response(text).body?.pipeThrough(new CompressionStream("gzip")) ?? null;
      const headers = new Headers({ "Content-Encoding": "gzip", "X-Request-ID": request.headers.get("X-Request-ID") ?? "" });
      return new Response(packed, { headers, encodeBody: "manual" });
    };
    const answer = await ask(ANALYSIS, { headers: { "Accept-Encoding": "gzip" } });
    expect([answer.headers.get("Content-Encoding"), await answer.text()]).toEqual(["gzip", text]);
  });
});

it("a problem is dressed as any answer is", async () => {
  platform.failStart = () => platform.end(new Error("Container exited with unexpected exit code: 1"));
  const answer = await post("x");
  expect(answer.headers.get("X-Content-Type-Options")).toBe("nosniff");
  expect(answer.headers.get("Server-Timing")).toMatch(TIMING);
  await problemOf(answer, 503, "container-unavailable");
});
