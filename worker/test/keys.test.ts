import { reset } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import gate from "../../src/offing/kernel/middleware/gate.py?raw";
import kernelProblems from "../../src/offing/kernel/problems.py?raw";
import kernelSettings from "../../src/offing/kernel/settings.py?raw";
import { BAD_SETTING, type Problem, SLOW_REQUEST, TOOK_TOO_LONG, tooLarge, UNAUTHORIZED } from "../src/problems";
import { ANALYSIS, askToTheEnd, askWith, streamed } from "./asking";
import { answered, newPlatform, platform, xetPlatform } from "./platform";

/** Keys with their hashes, as `offing key --hash` prints them. */
const KEYS: readonly (readonly [string, string])[] = [
  [
    "offing_7eFSr7cJPsZjTsB5T1jJw1hJ4k0dD3Yx0g9vCqT8uVk",
    "sha256:861b1db0c841b64527cc07121c3e0adfee3fe374a81a4a571c6e30571b91486b",
  ],
  [
    "offing_Wm2v5mO8nY3jQkqUO2bN0cB5n8Hk1rJt4sXzGxL6aEo",
    "sha256:0fa293a90cf7d62a91eceadd15a9929ae059a3cb8220d89d3fcd6c5624a08a3f",
  ],
  [
    "offing_pQ9d0Tz4bR1xKfA7eYwV3uH6sJ8mN5cLg2iO0qXtZyM",
    "sha256:d6662f856d66b898533526365d18e5bc91741a88ec02df5eee0dde56ac2d8f4b",
  ],
];
const [[FIRST, FIRST_HASH] = ["", ""]] = KEYS;
const OFFING_API_KEYS = KEYS.map(([, hash]) => hash).join(", ");
const FILE = "/acme/model/resolve/main/config.json";

const withKey = (key: string, path = ANALYSIS, setting = OFFING_API_KEYS): Promise<Response> =>
  askWith({ OFFING_API_KEYS: setting }, path, { headers: { "X-API-Key": key } });

beforeEach(() => {
  newPlatform();
});
afterEach(async () => {
  vi.restoreAllMocks();
  await reset();
});

describe("where keys are set", () => {
  it.each(KEYS)("a key is let in: %s", async (key) => {
    platform.service = (request) => answered(request, "its answer");
    const answer = await withKey(key);
    expect([answer.status, await answer.text()]).toEqual([200, "its answer"]);
  });

  it.each<[string, HeadersInit]>([
    ["none", {}],
    ["an empty one", { "X-API-Key": "" }],
    ["a wrong one", { "X-API-Key": `${FIRST}x` }],
    ["the hash of one", { "X-API-Key": FIRST_HASH }],
    ["one elsewhere", { Authorization: `Bearer ${FIRST}` }],
  ])("%s is a 401 in the services' own words, and wakes nothing", async (_, headers) => {
    const answer = await askWith({ OFFING_API_KEYS }, `${ANALYSIS}?x-api-key=${FIRST}`, { headers });
    expect(answer.status).toBe(401);
    expect(answer.headers.get("WWW-Authenticate")).toBe('ApiKey header="X-API-Key"');
    expect(answer.headers.get("Content-Type")).toBe("application/problem+json");
    expect(await answer.json()).toEqual({
      type: "urn:offing:problem:unauthorized",
      title: "Unauthorized",
      status: 401,
      detail: "Missing or invalid API key.",
      code: "unauthorized",
      remedy: "Send a valid key in the X-API-Key header.",
      request_id: answer.headers.get("X-Request-ID"),
      error: "Unauthorized",
      message: "Missing or invalid API key. Please provide X-API-Key header.",
    });
    expect(platform.starts).toEqual([]);
  });

  it.each(["/ocr", "/ocr/languages", "/download/acme/model/a", "/api/models/acme/model", FILE, "/insights/health/"])(
    "%s asks for one, whatever the method",
    async (path) => {
      for (const method of ["GET", "POST", "OPTIONS", "DELETE"]) {
        const { status } = await askWith({ OFFING_API_KEYS }, path, { method });
        expect([method, status]).toEqual([method, path.endsWith("health/") ? 404 : 401]);
      }
      expect(xetPlatform.starts).toEqual([]);
    },
  );

  it.each(["/", "/health"])("%s asks for none", async (path) => {
    expect((await askWith({ OFFING_API_KEYS }, path)).status).toBe(200);
  });

  it.each(["/insights/health", "/insights/livez", "/insights/readyz"])("%s asks for none", async (path) => {
    expect((await askWith({ OFFING_API_KEYS }, path)).status).toBe(200);
    expect(gate).toContain('OPEN_PATHS = ("/livez", "/readyz", "/health")');
  });

  it("a browser's preflight needs none", async () => {
    const headers = { Origin: "https://page.example", "Access-Control-Request-Method": "POST" };
    expect((await askWith({ OFFING_API_KEYS }, ANALYSIS, { method: "OPTIONS", headers })).status).toBe(204);
  });

  it.each(KEYS.map((_, index) => index))("every hash is compared, wherever the right one stands: %i", async (place) => {
    const compare = vi.spyOn(crypto.subtle, "timingSafeEqual");
    expect((await withKey(KEYS[place]?.[0] ?? "")).status).toBe(200);
    expect(compare).toHaveBeenCalledTimes(KEYS.length);
    await withKey("wrong");
    expect(compare).toHaveBeenCalledTimes(2 * KEYS.length);
  });

  it("a key is known by an id that is not the key, and stands in no line of the log", async () => {
    const lines: string[] = [];
    for (const name of ["log", "error"] as const) {
      vi.spyOn(console, name).mockImplementation((line: string) => void lines.push(line));
    }
    for (const key of [FIRST, "offing_wrong"]) {
      await askToTheEnd({ OFFING_API_KEYS }, ANALYSIS, { headers: { "X-API-Key": key, "X-Request-ID": "of-this-test" } });
    }
    const told = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    // Of earlier requests there may be lines that come late.
    const requests = told.filter(({ event, request_id }) => event === "request" && request_id === "of-this-test");
    expect(requests).toMatchObject([
      { status: 200, caller: FIRST_HASH.slice("sha256:".length).slice(0, 12) },
      { status: 401, code: "unauthorized" },
    ]);
    expect(lines.join()).not.toMatch(new RegExp(`${FIRST}|wrong|${FIRST_HASH.slice(-40)}`));
  });

  it("a body that comes without one is not sent on, and its client is answered", async () => {
    const parts = Array.from({ length: 20 }, () => new Uint8Array(1024 * 1024));
    const answer = await askWith({ OFFING_API_KEYS }, ANALYSIS, { method: "POST", body: streamed(...parts) });
    expect(answer.status).toBe(401);
    expect(platform.starts).toEqual([]);
  });
});

describe("the setting", () => {
  it.each([undefined, "", "  ", ",", " , "])("that holds no hash lets everyone in: %j", async (setting) => {
    expect((await askWith({ OFFING_API_KEYS: setting as string }, ANALYSIS)).status).toBe(200);
    expect((await withKey("whatever", ANALYSIS, setting ?? "")).status).toBe(200);
  });

  it.each([` ${FIRST_HASH} `, `,${FIRST_HASH},`, `\n${FIRST_HASH}\n`])("is read as the services do: %j", async (setting) => {
    expect((await withKey(FIRST, ANALYSIS, setting)).status).toBe(200);
    expect((await withKey("wrong", ANALYSIS, setting)).status).toBe(401);
  });

  it("counts as it is now", async () => {
    expect((await withKey(FIRST)).status).toBe(200);
    expect((await withKey(FIRST, ANALYSIS, KEYS[1]?.[1])).status).toBe(401);
    expect((await withKey(FIRST)).status).toBe(200);
  });

  it.each([
    FIRST,
    FIRST_HASH.slice(0, -1),
    FIRST_HASH.toUpperCase(),
    FIRST_HASH.replace("sha256", "sha512"),
    `${FIRST_HASH} ${FIRST_HASH}`,
    `${FIRST_HASH},x`,
  ])("that does not fit lets nobody in, and the log says so without it: %s", async (setting) => {
    const error = vi.spyOn(console, "error").mockImplementation(() => undefined);
    const answer = await withKey(FIRST, ANALYSIS, setting);
    expect([answer.status, await answer.json()]).toMatchObject([500, { code: "bad-setting" }]);
    expect(error.mock.calls.map(([line]) => JSON.parse(line))).toMatchObject([
      { event: "bad-setting", setting: "OFFING_API_KEYS" },
    ]);
    expect(String(error.mock.calls)).not.toContain(setting);
    expect(platform.starts).toEqual([]);
    expect((await withKey(FIRST, "/health", setting)).status).toBe(200);
  });
});

it.each<[string, Problem, string]>([
  ["unauthorized", UNAUTHORIZED, kernelProblems],
  ["too large", tooLarge(1, 2), kernelProblems],
  ["slow", SLOW_REQUEST, kernelProblems],
  ["took too long", TOOK_TOO_LONG, kernelProblems],
  ["a bad setting", BAD_SETTING, kernelSettings],
])("a problem that the services know, too, has their words: %s", (_, { code, status, detail, remedy }, source) => {
  const told = source.split("\n\n\n").find((each) => each.includes(`code = "${code}"`));
  for (const words of [`text = "${detail}"`, `remedy = "${remedy}"`]) expect(told).toContain(words);
  if (source === kernelProblems) expect(told).toContain(`status = ${status}`);
  for (const member of ["error", "message"]) {
    if (code === "unauthorized") expect(gate).toContain(`${member}="${UNAUTHORIZED.members?.[member]}"`);
  }
});
