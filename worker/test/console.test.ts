import { createExecutionContext, env, reset } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import worker from "../src/index";
import { PAGES } from "../src/pages";
import { ask, askWith, problemOf } from "./asking";
import { newPlatform, platform, xetPlatform } from "./platform";

const FILES = Object.keys(PAGES).filter((path) => path.startsWith("/console"));
const TYPES = { css: "text/css", js: "text/javascript" };
const typeOf = (path: string): string => TYPES[path.split(".")[1] as keyof typeof TYPES] ?? "text/html";

beforeEach(() => {
  newPlatform();
});
afterEach(async () => {
  expect([...platform.starts, ...xetPlatform.starts]).toEqual([]); // It wakes nothing.
  await reset();
});

describe("the console", () => {
  it.each(FILES)("has %s with its type and a policy of this server alone", async (path) => {
    const answer = await ask(path);
    expect(answer.status).toBe(200);
    expect(answer.headers.get("Content-Type")).toBe(`${typeOf(path)}; charset=utf-8`);
    expect(answer.headers.get("Content-Security-Policy")).toMatch(/^default-src 'none'; script-src 'self'; style-src 'self';/);
    expect(answer.headers.get("Content-Security-Policy")).not.toContain("unsafe");
    expect(answer.headers.get("Cache-Control")).toBe("no-cache");
    expect(answer.headers.get("X-Content-Type-Options")).toBe("nosniff");
    expect(answer.headers.get("Referrer-Policy")).toBe("no-referrer");
    expect((await answer.text()).length).toBeGreaterThan(1000);
  });

  it.each(FILES)("answers HEAD %s without a body", async (path) => {
    const answer = await ask(path, { method: "HEAD" });
    expect([answer.status, await answer.text()]).toEqual([200, ""]);
  });

  it("is a page whose files are all here", async () => {
    const page = await (await ask("/console")).text();
    const named = [...page.matchAll(/(?:src|href)="(\/[^"]*)"/g)].map(([, path = ""]) => path);
    expect(named).toContain("/console/console.js");
    for (const path of named) expect((await ask(path)).status).toBe(200);
  });

  it("asks for no key where the services do", async () => {
    const changed = { OFFING_API_KEYS: `sha256:${"0".repeat(64)}` };
    expect((await askWith(changed, "/console")).status).toBe(200);
    expect((await askWith(changed, "/v1/image/analysis", { method: "POST", body: "x" })).status).toBe(401);
  });

  it("keeps its own policy where other pages have theirs", async () => {
    const [console, docs] = [await ask("/console"), await ask("/docs")];
    expect(console.headers.get("Content-Security-Policy")).toContain("require-trusted-types-for 'script'");
    expect(docs.headers.get("Content-Security-Policy")).not.toContain("script-src");
  });

  it("lets nobody post", async () => {
    await problemOf(await ask("/console", { method: "POST", body: "x" }), 405, "method-not-allowed");
  });

  it.each(["/console/", "/console.html", "/console/index.html", "/console/x.js"])("is not at %s", async (path) => {
    await problemOf(await ask(path), 404, "not-found");
  });

  it("is not there where the Worker is deployed without files", async () => {
    const { ASSETS: _, ...bare } = env;
    const answer = await worker.fetch(new Request("https://offing.example/console"), bare, createExecutionContext());
    await problemOf(answer, 404, "not-found");
  });
});
