import { reset } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ask, problemOf, streamed } from "./asking";
import { COMMIT, contentOf, Hub, redirected, sha256 } from "./hub";
import { askDirectly, deliver, record, type Seen, seen, store } from "./jobs";
import { answered, newPlatform, type Service, xetPlatform } from "./platform";

const PATH = "/acme/model/resolve/main/folder/weights.bin";
const FILE = { repo: "acme/model", path: "folder/weights.bin" };
const TOKEN = "hf_right";
const bytes = contentOf(300_000, 7);
const etag = await sha256(bytes);

let hub: Hub;
let bindings: Env;

/** Asks for a file ahead. The queue keeps the message: the test delivers it. */
const post = (body: unknown, headers: Record<string, string> = {}): Promise<Response> =>
  askDirectly("/download/jobs", { method: "POST", body: JSON.stringify(body), headers }, bindings);

async function made(body: unknown = FILE, headers: Record<string, string> = {}): Promise<Seen> {
  const answer = await post(body, headers);
  expect(answer.status).toBe(202);
  return answer.json<Seen>();
}

const work = ({ id }: Seen): Promise<unknown> => deliver([{ id }], "offing-jobs", bindings);

const serves: Service = (request) => {
  const headers = {
    ETag: `"${etag}"`,
    "Content-Length": String(bytes.length),
    "X-Offing-Verified": "file",
    "X-Repo-Commit": COMMIT,
  };
  return answered(request, request.method === "HEAD" ? null : bytes, { headers });
};

beforeEach(async () => {
  newPlatform();
  xetPlatform.service = serves;
  hub = new Hub();
  bindings = { ...env, HF_ENDPOINT: hub.endpoint };
  vi.spyOn(Object.getPrototypeOf(env.JOBS) as Queue, "send").mockResolvedValue(undefined as never);
  const there = redirected(bytes.length, etag);
  const pinned = `/acme/model/resolve/${COMMIT}/folder/weights.bin`;
  const data = "/datasets/acme/model/resolve/refs%2Fpr%2F1/a%20b.bin";
  await hub.says({ [PATH]: there, [pinned]: there, [data]: there }, TOKEN);
});
afterEach(async () => {
  vi.restoreAllMocks();
  await reset();
});

const right = { Authorization: `Bearer ${TOKEN}` };

describe("a file that is asked for ahead", () => {
  it("lies in the store before anyone downloads it", async () => {
    const answer = await post(FILE, right);
    const job = await answer.json<Seen>();
    expect(answer.headers.get("Location")).toBe(`/download/jobs/${job.id}`);
    expect(job).toMatchObject({ service: "xet", state: "queued", location: `/download/jobs/${job.id}` });
    await work(job);
    const location = `/download/acme/model/folder/weights.bin?revision=${COMMIT}`;
    expect(await seen(job)).toMatchObject({
      state: "succeeded",
      result: { status: 200, bytes: bytes.length, etag: `"${etag}"`, commit: COMMIT, location },
    });
    expect((await store().head(`xet/sha256/${etag}`))?.size).toBe(bytes.length);
    xetPlatform.ports = [];
    const file = await askDirectly(location, { headers: right }, bindings);
    expect(new Uint8Array(await file.arrayBuffer())).toEqual(bytes);
    expect(xetPlatform.ports).toEqual([]);
  });

  it("of another kind, at another revision, is the one that is meant", async () => {
    const job = await made({ repo: "acme/model", path: "a b.bin", revision: "refs/pr/1", type: "dataset" }, right);
    await work(job);
    expect((await seen(job)).result?.["location"]).toBe(`/download/datasets/acme/model/a%20b.bin?revision=${COMMIT}`);
  });

  it("keeps the caller's token until it has finished, and shows it nowhere", async () => {
    const job = await made(FILE, right);
    expect(JSON.stringify(await record(job))).toContain(TOKEN);
    expect(JSON.stringify(await seen(job))).not.toContain(TOKEN);
    await work(job);
    expect(JSON.stringify(await record(job))).not.toContain(TOKEN);
    expect(JSON.stringify(await seen(job))).not.toContain(TOKEN);
  });

  it("is fetched with the caller's token alone", async () => {
    await work(await made(FILE, right));
    for (const { authorization } of await hub.asked()) expect(authorization).toBe(`Bearer ${TOKEN}`);
  });

  it("that the container does not give now is asked for again", async () => {
    const job = await made(FILE, right);
    xetPlatform.service = (request) => answered(request, "busy", { status: 503, headers: { "Retry-After": "7" } });
    expect(await work(job)).toEqual([{ acknowledged: false, again: 7 }]);
    expect(await seen(job)).toMatchObject({ state: "queued", attempts: 1 });
    xetPlatform.service = serves;
    await work(job);
    expect(await seen(job)).toMatchObject({ state: "succeeded", attempts: 2 });
  });

  it("whose right is lost meanwhile has failed, with the service's words", async () => {
    const job = await made(FILE, right);
    await hub.says({}, "hf_another");
    const problem = { code: "no-right", status: 401 };
    xetPlatform.service = (request) => answered(request, JSON.stringify(problem), { status: 401 });
    await work(job);
    expect(await seen(job)).toMatchObject({ state: "failed", attempts: 1, problem });
  });

  it("has no result of its own below its path, which belongs to a file", async () => {
    const job = await made(FILE, right);
    xetPlatform.service = (request) => answered(request, "the service");
    expect(await (await ask(`/download/jobs/${job.id}/result`)).text()).toBe("the service");
  });
});

describe("a file is refused at once", () => {
  it.each([{}, { Authorization: "Bearer hf_wrong" }])("to one who may not have it: %j", async (headers) => {
    xetPlatform.service = (request) => answered(request, '{"code":"no-right"}', { status: 401 });
    const answer = await post(FILE, headers);
    expect([answer.status, await answer.text()]).toEqual([401, '{"code":"no-right"}']);
  });

  it.each<[string, unknown, string]>([
    ["repo", { path: "a" }, "invalid"],
    ["repo", { repo: "gpt2", path: "a" }, "invalid"],
    ["path", { repo: "acme/model", path: 7 }, "invalid"],
    ["revision", { ...FILE, revision: 7 }, "invalid"],
    ["type", { ...FILE, type: "models" }, "invalid"],
    [undefined as unknown as string, { ...FILE, path: "../../a" }, "bad-name"],
    [undefined as unknown as string, { ...FILE, revision: "" }, "bad-name"],
  ])("for its %s: %j", async (field, body, code) => {
    const answer = await post(body, right);
    expect(answer.status).toBe(422);
    const told = await answer.json<Record<string, unknown>>();
    expect([told["code"], told["field"]]).toEqual([code, field]);
  });

  it.each(["", "{", "[]", "null", '"x"', "\u00ff"])("where the body is no JSON object: %j", async (body) => {
    await problemOf(await askDirectly("/download/jobs", { method: "POST", body }, bindings), 400, "bad-request");
  });

  it.each([
    ["announced", () => new Uint8Array(20_000)],
    ["streamed", () => streamed(...Array.from({ length: 9 }, () => new Uint8Array(2_000_000)))],
  ])("where the body is long and %s", async (_, body) => {
    const answer = await askDirectly("/download/jobs", { method: "POST", body: body() }, bindings);
    expect(await answer.json()).toMatchObject({ status: 413, code: "too-large", max_size_bytes: 16_384 });
  });
});
