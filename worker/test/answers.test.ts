import { createExecutionContext, env, reset, waitOnExecutionContext } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import insights from "../../src/offing/insights/descriptions.py?raw";
import ocr from "../../src/offing/ocr/descriptions.py?raw";
import { allowed } from "../src/answers/step";
import { partsOf } from "../src/answers/form";
import { QUESTIONS } from "../src/answers/question";
import worker from "../src/index";
import { ANALYSIS } from "./asking";
import { answered, newPlatform, platform, type Service } from "./platform";

const MAY_KEEP = { "Cache-Control": "max-age=60" };
const hashOf = async (key: string): Promise<string> => {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(key)));
  return `sha256:${Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
};
const KEYS = { OFFING_API_KEYS: (await Promise.all(["key one", "key two"].map(hashOf))).join(",") };

let answers = 0;
/** Answers with the number of the answer, as the services do. */
const counted: Service = (request) => json(request, `{"answer":${(answers += 1)}}`);
const json = (request: Request, body: string, headers: Record<string, string> = {}): Response => {
  const told = { "Content-Type": "application/json", "Content-Length": String(body.length), "Server-Timing": "engine;dur=5" };
  return answered(request, body, { headers: { ...told, ...headers } });
};

interface Asked extends RequestInit {
  readonly key?: string;
  readonly path?: string;
  readonly vars?: Partial<Env>;
}

/** Asks the Worker, and waits for all that it does. */
async function ask({ key = "key one", path = ANALYSIS, vars = {}, ...init }: Asked = {}): Promise<Response> {
  const ctx = createExecutionContext();
  const headers = new Headers({ ...MAY_KEEP, "X-API-Key": key });
  new Headers(init.headers).forEach((value, name) => headers.set(name, value));
  const request = new Request(`https://offing.example${path}`, { method: "POST", body: "image", ...init, headers });
  const answer = await worker.fetch(request as never, { ...env, ...KEYS, ...vars }, ctx);
  const whole = new Response(await answer.arrayBuffer(), answer);
  await waitOnExecutionContext(ctx);
  return whole;
}

/** Which answer it is, and what the cache says of it. */
const told = async (answer: Response): Promise<[number, string | null]> => [
  (await answer.json<{ answer: number }>()).answer,
  answer.headers.get("Cache-Status")?.replace(/; ttl=\d+/, "") ?? null,
];

const form = (fields: Record<string, string>, file = "pixels", name = "a.png", type = "image/png"): FormData => {
  const data = new FormData();
  for (const [field, value] of Object.entries(fields)) data.set(field, value);
  data.set("image", new File([file], name, { type }));
  return data;
};

beforeEach(() => {
  newPlatform();
  answers = 0;
  platform.service = counted;
});
afterEach(reset);

describe("an answer is kept for who asked for it", () => {
  it("and given again, with its age, under the new request's id", async () => {
    const first = await ask({ headers: { "X-Request-ID": "first" } });
    expect(await told(first)).toEqual([1, "offing-answers; fwd=uri-miss; stored"]);
    const second = await ask({ headers: { "X-Request-ID": "second" } });
    expect(Number(second.headers.get("Age"))).toBeLessThan(60);
    expect(second.headers.get("Cache-Status")).toMatch(/^offing-answers; hit; ttl=3[56]\d\d$/);
    expect(second.headers.get("Content-Type")).toBe("application/json");
    expect(second.headers.get("X-Request-ID")).toBe("second");
    expect(second.headers.get("Server-Timing")).not.toContain("engine");
    expect([...second.headers.keys()].filter((name) => name.startsWith("x-offing"))).toEqual([]);
    expect(second.headers.get("Cache-Control")).toBe(first.headers.get("Cache-Control"));
    expect((await told(second))[0]).toBe(1);
    expect(platform.ports).toHaveLength(1);
  });

  it("and wakes no container", async () => {
    await ask();
    platform.end();
    expect((await told(await ask()))[0]).toBe(1);
    expect(platform.starts).toHaveLength(1);
  });

  it("and for no other key", async () => {
    await ask();
    expect(await told(await ask({ key: "key two" }))).toEqual([2, "offing-answers; fwd=uri-miss; stored"]);
  });

  it("and not by another deployment", async () => {
    const version = (id: string): Partial<Env> => ({ VERSION: { id, tag: "", timestamp: "" } });
    await ask({ vars: version("one") });
    expect((await told(await ask({ vars: version("two") })))[0]).toBe(2);
    expect((await told(await ask({ vars: version("one") })))[0]).toBe(1);
  });

  it("and no longer than the request allows", async () => {
    await ask();
    await scheduler.wait(1_050);
    expect(await told(await ask({ headers: { "Cache-Control": "max-age=1" } }))).toEqual([
      2,
      "offing-answers; fwd=stale; stored",
    ]);
    expect((await told(await ask()))[0]).toBe(2);
  });

  it("and no longer than the deployer lets it", async () => {
    await ask();
    await scheduler.wait(1_050);
    expect((await told(await ask({ vars: { ANSWER_CACHE_SECONDS: "1" } })))[0]).toBe(2);
  });
});

describe("the same is asked", () => {
  it.each<[string, Asked, Asked]>([
    ["by options in another order", { path: `${ANALYSIS}?b=2&a=1` }, { path: `${ANALYSIS}?a=1&b=2` }],
    ["by a form with another boundary", { body: form({ a: "1" }) }, { body: form({ a: "1" }) }],
    ["of a file of another name", { body: form({}, "pixels", "a.png") }, { body: form({}, "pixels", 'b".png') }],
  ])("%s", async (_, one, other) => {
    expect((await told(await ask(one)))[0]).toBe(1);
    expect((await told(await ask(other)))[0]).toBe(1);
  });

  it.each<[string, Asked, Asked]>([
    ["other bytes", { body: "one" }, { body: "two" }],
    ["other options", { path: `${ANALYSIS}?a=1` }, { path: `${ANALYSIS}?a=2` }],
    ["an option twice in another order", { path: `${ANALYSIS}?a=1&a=2` }, { path: `${ANALYSIS}?a=2&a=1` }],
    ["another type", { headers: { "Content-Type": "image/png" } }, { headers: { "Content-Type": "image/gif" } }],
    ["another format", { headers: { Accept: "text/plain" } }, { headers: { Accept: "text/html" } }],
    ["another file in a form", { body: form({}, "one") }, { body: form({}, "two") }],
    ["another type in a form", { body: form({}, "x", "a", "image/png") }, { body: form({}, "x", "a", "image/gif") }],
    ["another field in a form", { body: form({ lang: "de" }) }, { body: form({ lang: "fr" }) }],
    ["a field for another", { body: form({ a: "bc" }) }, { body: form({ ab: "c" }) }],
  ])("not with %s", async (_, one, other) => {
    expect((await told(await ask(one)))[0]).toBe(1);
    expect((await told(await ask(other)))[0]).toBe(2);
  });
});

describe("an answer is not kept", () => {
  const isAsked = async (asked: Asked, status: string | null): Promise<void> => {
    expect(await told(await ask(asked))).toEqual([1, status]);
    expect((await told(await ask(asked)))[0]).toBe(2);
  };

  it.each(["", "no-cache", "no-store, max-age=60", "max-age=60, no-cache", "max-age=0", "max-age=-1", "max-age", "public"])(
    "where the request does not allow it: %s",
    (header) => isAsked({ headers: { "Cache-Control": header } }, "offing-answers; fwd=request"),
  );

  it("where no keys are asked for", () => isAsked({ vars: { OFFING_API_KEYS: "" } }, "offing-answers; fwd=bypass"));

  it.each(["0", "", "-5", "often"])("where the deployer wants none: %s", (seconds) =>
    isAsked({ vars: { ANSWER_CACHE_SECONDS: seconds } }, "offing-answers; fwd=bypass"),
  );

  it("of what is fetched from an address", () => isAsked({ path: `${ANALYSIS}/url`, body: '{"url":"x"}' }, null));

  it("of a body that is too large to be looked at", () =>
    isAsked({ body: new Uint8Array(7 * 1024 * 1024) }, "offing-answers; fwd=bypass"));

  it.each<[string, string]>([
    ["has no end", "--x\r\nContent-Disposition: form-data; name=image\r\n\r\npixels"],
    ["has no parts", "--x--\r\n"],
    ["has another boundary", "--y\r\nA: b\r\n\r\npixels\r\n--y--\r\n"],
  ])("of a form that %s", (_, body) =>
    isAsked({ body, headers: { "Content-Type": "multipart/form-data; boundary=x" } }, "offing-answers; fwd=bypass"),
  );

  it.each<[string, Service]>([
    ["is an error", (request) => answered(request, `{"answer":${(answers += 1)}}`, { status: 422, headers: { "Content-Length": "12" } })],
    ["forbids it", (request) => json(request, `{"answer":${(answers += 1)}}`, { "Cache-Control": "no-store" })],
    ["may tell of failed pages", (request) => json(request, `{"answer":${(answers += 1)}}`, { "Content-Type": "application/x-ndjson" })],
    ["is streamed", (request) => answered(request, new Response(`{"answer":${(answers += 1)}}`).body)],
    [
      "is large",
      (request) => json(request, `{"answer":${(answers += 1)},"text":"${"x".repeat(1024 * 1024)}"}`),
    ],
  ])("that %s", async (_, service) => {
    platform.service = service;
    await isAsked({}, "offing-answers; fwd=uri-miss");
  });
});

it("every path whose answers are kept is one of a service", () => {
  for (const path of QUESTIONS) expect(insights + ocr).toContain(`"${path}"`);
});

it.each<[string | null, number]>([
  [null, 0],
  ["max-age=5", 5],
  ['Max-Age="7" , x', 7],
  ["max-age=99999999999", 0],
  ["s-maxage=5", 0],
])("a request's Cache-Control of %s allows %i seconds", (header, seconds) => {
  expect(allowed(header)).toBe(seconds);
});

describe("the parts of a form", () => {
  const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
  const read = (text: string): unknown =>
    partsOf(bytes(text), "multipart/form-data; boundary=x")?.map(({ head, data }) => [head, new TextDecoder().decode(data)]);

  it("are found wherever they stand", () => {
    const text = "before\r\n--x  \r\nB: 2\r\nA:  1\r\n\r\none\r\n-xy\r\r\n--x\r\nC: 3\r\n\r\n\r\n--x--after";
    expect(read(text)).toEqual([
      ["a:1\nb:2", "one\r\n-xy\r"],
      ["c:3", ""],
    ]);
  });

  it("do not have the name of a file, but that it is one", () => {
    const disposition = (rest: string): string => `--x\r\nContent-Disposition: form-data; name="f"${rest}\r\n\r\n1\r\n--x--`;
    const one = read(disposition('; filename="a;b\\".png"; filename*=UTF-8\'\'%20'));
    expect(one).toEqual([['content-disposition:form-data; name="f";filename;filename', "1"]]);
    expect(read(disposition(""))).not.toEqual(read(disposition('; filename="a"')));
  });

  it("are read in bounded time, whatever the bytes", () => {
    const begun = Date.now();
    expect(partsOf(new Uint8Array(6 * 1024 * 1024).fill(13), "multipart/form-data; boundary=x")).toBeUndefined();
    expect(read("--x\r\nA: 1\r\n\r\n\r\n".repeat(40) + "--x--")).toBeUndefined();
    expect(read(`--x\r\nA: ${"a".repeat(9000)}\r\n\r\n1\r\n--x--`)).toBeUndefined();
    expect(Date.now() - begun).toBeLessThan(5_000);
  });
});
