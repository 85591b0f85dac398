import { createExecutionContext, env, reset } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import worker from "../src/index";
import { ask, problemOf } from "./asking";
import { newPlatform, platform, xetPlatform } from "./platform";

beforeEach(() => {
  newPlatform();
});
afterEach(reset);

/** Asks a Worker of which a part is deployed. */
const askPart = (services: string, path: string): Promise<Response> =>
  worker.fetch(new Request(`https://offing.example${path}`), { ...env, SERVICES: services }, createExecutionContext());

describe("a part of the services", () => {
  it("is all that is listed, and all that health tells of", async () => {
    const listed = await (await askPart("ocr xet", "/")).json<{ services: object }>();
    const told = await (await askPart("xet, ocr", "/health")).json<{ services: object }>();
    expect(Object.keys(listed.services)).toEqual(["ocr", "xet"]);
    expect(Object.keys(told.services)).toEqual(["ocr", "xet"]);
  });

  it.each(["/v1/image/analysis", "/insights/health"])("leaves 404 at %s of another", async (path) => {
    await problemOf(await askPart("ocr xet", path), 404, "not-found");
    expect(platform.starts).toEqual([]);
  });

  it("gives no service the paths of one that is left out", async () => {
    await problemOf(await askPart("xet", "/ocr/resolve/main"), 404, "not-found");
    expect(xetPlatform.starts).toEqual([]);
  });

  it.each(["", "  ", undefined])("is all of them where SERVICES is %j", async (services) => {
    const listed = await (await askPart(services as string, "/")).json<{ services: object }>();
    expect(Object.keys(listed.services)).toEqual(["insights", "ocr", "xet"]);
  });
});

describe("the pages", () => {
  it("describe the services to a reader", async () => {
    const answer = await ask("/docs");
    const page = await answer.text();
    expect(answer.status).toBe(200);
    expect(answer.headers.get("Content-Type")).toBe("text/html; charset=utf-8");
    expect(answer.headers.get("Content-Security-Policy")).toContain("default-src 'none'");
    expect(page).toContain("/v1/image/analysis");
    expect(platform.starts).toEqual([]);
  });

  it("name the address at which they were asked for", async () => {
    const answer = await worker.fetch(new Request("https://mine.example/docs"), env, createExecutionContext());
    const page = await answer.text();
    expect(page).toContain("https://mine.example/v1/image/analysis");
    expect(page).not.toContain("offing.example");
  });

  it("describe them to programs", async () => {
    const answer = await ask("/openapi.json");
    expect(answer.headers.get("Content-Type")).toBe("application/json");
    expect(await answer.json()).toMatchObject({ openapi: "3.1.0", paths: { "/ocr": {}, "/docs": {} } });
  });

  it.each(["/docs", "/openapi.json"])("answer HEAD %s without a body", async (path) => {
    const answer = await ask(path, { method: "HEAD" });
    expect(answer.status).toBe(200);
    expect(await answer.text()).toBe("");
  });

  it("let nobody post", async () => {
    await problemOf(await ask("/docs", { method: "POST", body: "x" }), 405, "method-not-allowed");
  });

  it.each(["/docs.html", "/docs/", "/openapi", "/index.html", "/toString"])("are not at %s", async (path) => {
    await problemOf(await ask(path), 404, "not-found");
  });

  it("are not there where the Worker is deployed without files", async () => {
    const { ASSETS: _, ...bare } = env;
    const answer = await worker.fetch(new Request("https://offing.example/docs"), bare, createExecutionContext());
    await problemOf(answer, 404, "not-found");
  });
});
