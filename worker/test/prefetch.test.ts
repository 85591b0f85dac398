import { env, reset } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { permitted, prefetch, type RepoFile } from "../src/files/prefetch";
import { Refused } from "../src/problems";
import { problemOf } from "./asking";
import { COMMIT, contentOf, Hub, redirected, sha256 } from "./hub";
import { answered, newPlatform, type Service, xetPlatform } from "./platform";

const MIB = 1024 * 1024;
const FILE: RepoFile = { repo: "acme/model", path: "folder/weights.bin", revision: "main", type: "model" };
const RESOLVED = "/acme/model/resolve/main/folder/weights.bin";
const TOKEN = "hf_right";
const ID = "its-id";

const bytes = contentOf(2 * MIB, 3);
const etag = await sha256(bytes);
const bucket = env.STORE as R2Bucket;
const key = `xet/sha256/${etag}`;

let hub: Hub;
let vars: Env;
let seen: Request | undefined;

const file: Service = (request) => {
  seen = request;
  const headers = { ETag: `"${etag}"`, "Content-Length": String(bytes.length), "X-Offing-Verified": "file" };
  return answered(request, new Response(bytes).body, { headers });
};

/** What is thrown, as the problem that it is. */
const refused = async (asked: Promise<unknown>): Promise<unknown> =>
  asked.then(
    () => "nothing",
    (error: unknown) => (error instanceof Refused ? [error.problem.status, error.problem.code] : error),
  );

beforeEach(async () => {
  newPlatform();
  xetPlatform.service = file;
  seen = undefined;
  hub = new Hub();
  vars = { ...env, HF_ENDPOINT: hub.endpoint };
  await hub.says({ [RESOLVED]: redirected(bytes.length, etag) }, TOKEN);
});
afterEach(reset);

describe("a file that is fetched ahead", () => {
  it("lies in the bucket when it is told of", async () => {
    const stored = await prefetch(vars, FILE, `Bearer ${TOKEN}`, ID);
    expect(stored).toEqual({ status: 200, bytes: bytes.length, etag: `"${etag}"`, commit: COMMIT });
    expect(new Uint8Array((await (await bucket.get(key))?.arrayBuffer()) ?? [])).toEqual(bytes);
  });

  it("is asked of the container at its commit, for the caller, under the request's id", async () => {
    await hub.says({ "/datasets/acme/model/resolve/main/a%20b/%C3%BC.bin": redirected(bytes.length, etag) });
    await prefetch(vars, { ...FILE, path: "a b/ü.bin", type: "dataset" }, `Bearer ${TOKEN}`, ID);
    const { pathname, search } = new URL(seen?.url ?? "");
    expect(pathname + search).toBe(`/download/datasets/acme/model/a%20b/%C3%BC.bin?revision=${COMMIT}`);
    expect(seen?.headers.get("Authorization")).toBe(`Bearer ${TOKEN}`);
    expect(seen?.headers.get("X-Request-ID")).toBe(ID);
  });

  it("is fetched once", async () => {
    for (const _ of [1, 2]) expect(await prefetch(vars, FILE, `Bearer ${TOKEN}`, ID)).toMatchObject({ status: 200 });
    expect(xetPlatform.ports).toHaveLength(1);
  });

  it("is there at once where it has no bytes", async () => {
    await hub.says({ [RESOLVED]: redirected(0, "ab".repeat(20)) });
    expect(await prefetch(vars, FILE, null, ID)).toMatchObject({ status: 200, bytes: 0 });
    expect(xetPlatform.ports).toHaveLength(0);
  });

  it.each<[string, Service]>([
    ["is no more the same", (request) => answered(request, "x", { headers: { ETag: '"other"', "X-Offing-Verified": "file" } })],
    [
      "is not what its hash says",
      async (request) => {
        const { headers } = await file(request);
        return answered(request, contentOf(bytes.length, 4), { headers });
      },
    ],
  ])("is a problem that may pass where it %s", async (_, service) => {
    xetPlatform.service = service;
    const answer = (await prefetch(vars, FILE, `Bearer ${TOKEN}`, ID)) as Response;
    await problemOf(answer, 502, "upstream-failed");
    expect(await bucket.head(key)).toBeNull();
  });

  it("is a problem that may pass where the container is busy", async () => {
    xetPlatform.service = (request) => answered(request, "busy", { status: 503, headers: { "Retry-After": "3" } });
    const answer = (await prefetch(vars, FILE, `Bearer ${TOKEN}`, ID)) as Response;
    expect([answer.status, answer.headers.get("Retry-After")]).toEqual([503, "3"]);
  });
});

describe("whether a caller may have a file", () => {
  it("is what the hub says, and wakes nothing where it says yes", async () => {
    const told = await permitted(vars, FILE, `Bearer ${TOKEN}`, ID);
    expect(told).toMatchObject({ size: bytes.length, etag, commit: COMMIT });
    expect(xetPlatform.starts).toHaveLength(0);
  });

  it.each([401, 403, 404])("is the service's own %i where the hub says no", async (status) => {
    xetPlatform.service = (request) => answered(request, "its words", { status });
    const answer = (await permitted(vars, FILE, "Bearer hf_other", ID)) as Response;
    expect([answer.status, await answer.text()]).toEqual([status, "its words"]);
    expect(await prefetch(vars, FILE, null, ID)).toMatchObject({ status });
    expect(await bucket.head(key)).toBeNull();
  });

  it("is a problem that may pass where the hub said no to the Worker alone", async () => {
    await problemOf((await permitted(vars, FILE, "Bearer hf_other", ID)) as Response, 502, "upstream-failed");
  });

  it.each<[string, Partial<RepoFile>]>([
    ["repository", { repo: "acme/../x" }],
    ["repository", { repo: "a/b/c" }],
    ["repository", { repo: "models/x" }],
    ["path", { path: "../x" }],
    ["path", { path: "" }],
    ["revision", { revision: "a..b" }],
    ["revision", { revision: "x".repeat(256) }],
  ])("is not asked for what is no %s: %o", async (_, wrong) => {
    expect(await refused(permitted(vars, { ...FILE, ...wrong }, null, ID))).toEqual([422, "bad-name"]);
    expect(await hub.asked()).toEqual([]);
  });

  it("is of no use where nothing would keep the file", async () => {
    const { STORE: _, ...without } = vars;
    expect(await refused(permitted(without, FILE, null, ID))).toEqual([422, "invalid-option"]);
    expect(await refused(permitted({ ...vars, HF_HUB_OFFLINE: "on" }, FILE, null, ID))).toEqual([422, "invalid-option"]);
    await hub.says({ [RESOLVED]: redirected(5, "no-hash") });
    expect(await refused(permitted(vars, FILE, null, ID))).toEqual([422, "invalid-option"]);
  });
});
