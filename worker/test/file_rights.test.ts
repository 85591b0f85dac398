import { beforeEach, describe, expect, it } from "vitest";
import { redirected, type Word } from "./hub";
import { answered, type Service, xetPlatform } from "./platform";
import { ask, bytes, eachWithItsHub, etag, FILE, hub, isUnasked, RESOLVED, store } from "./stored";

const TOKEN = "hf_right";

eachWithItsHub();

describe("the right to a file", () => {
  const bearer = (token: string): RequestInit => ({ headers: { Authorization: `Bearer ${token}` } });
  const refuse: Service = (request) => answered(request, "refused", { status: 401 });

  beforeEach(async () => {
    await store();
    await hub.says({ [RESOLVED]: redirected(bytes.length, etag) }, TOKEN);
    xetPlatform.service = refuse;
  });

  it("is asked of the hub for each request, with the caller's own token", async () => {
    for (const _ of [1, 2]) expect((await ask(FILE, bearer(TOKEN))).body).toEqual(bytes);
    const asked = await hub.asked();
    expect(asked.map(({ path, authorization }) => [path, authorization])).toEqual([
      [RESOLVED, `Bearer ${TOKEN}`],
      [RESOLVED, `Bearer ${TOKEN}`],
    ]);
    expect(isUnasked()).toBe(true);
  });

  it.each<[string, RequestInit]>([
    ["another token", bearer("hf_other")],
    ["no token", {}],
    ["what is no token", { headers: { Authorization: `Basic ${TOKEN}` } }],
  ])("is not had with %s: the service says so", async (_, init) => {
    const answer = await ask(FILE, init);
    expect([answer.status, new TextDecoder().decode(answer.body)]).toEqual([401, "refused"]);
    expect((await ask(FILE, { ...init, headers: { ...init.headers, Range: "bytes=0-3" } })).status).toBe(401);
  });

  it("may be taken away", async () => {
    expect((await ask(FILE, bearer(TOKEN))).status).toBe(200);
    await hub.says({ [RESOLVED]: redirected(bytes.length, etag) }, "hf_new");
    expect((await ask(FILE, bearer(TOKEN))).status).toBe(401);
  });

  it("is had by the deployment's token only where that is shared", async () => {
    expect((await ask(FILE, {}, { OFFING_XET_TOKEN: "", HF_TOKEN: TOKEN })).status).toBe(401);
    const shared = { OFFING_XET_TOKEN: "", HF_TOKEN: TOKEN, OFFING_XET_SHARE_TOKEN: "true" };
    expect((await ask(FILE, {}, shared)).status).toBe(200);
    expect((await ask(FILE, bearer("hf_other"), shared)).status).toBe(401);
  });

  it.each<[string, Word]>([
    ["is not there", { status: 404 }],
    ["says too little", { status: 200, headers: { "Content-Length": String(bytes.length), ETag: `"${etag}"` } }],
    ["leads elsewhere without a word", { status: 302, headers: { Location: "https://elsewhere.example/x" } }],
    ["redirects in a circle", { status: 307, headers: { Location: RESOLVED.slice(1) } }],
    ["fails", { status: 500 }],
  ])("is for the service to ask where the hub %s", async (_, word) => {
    await hub.says({ [RESOLVED]: word });
    expect((await ask(FILE)).status).toBe(401);
  });

  it("is not asked for at an address that a token may not go to", async () => {
    await hub.says({ [RESOLVED]: { status: 307, headers: { Location: "http://127.0.0.1:9/elsewhere" } } }, TOKEN);
    expect((await ask(FILE, bearer(TOKEN))).status).toBe(401);
    expect(await hub.asked()).toHaveLength(1);
  });

  it("follows a repository to its new name at the same hub", async () => {
    const renamed = new URL(hub.endpoint).pathname + "/acme/new/resolve/main/w.bin";
    await hub.says({
      [RESOLVED]: { status: 307, headers: { Location: renamed } },
      "/acme/new/resolve/main/w.bin": redirected(bytes.length, etag),
    });
    expect((await ask(FILE)).body).toEqual(bytes);
  });

  it.each([
    "/download/acme/model/..%2F..%2Fsecret",
    "/download/acme/model/a/%2e%2e%5cb",
    "/download/acme/model/x.bin?revision=..%2F..%2Fapi",
    "/download/api/model/x.bin",
    "/download/acme/model",
    "/api/models/resolve/main/x.bin",
    "/a/b/c/resolve/main/x.bin",
    "/download/acme/model/%FF",
    "/download-hash/" + "a".repeat(64),
  ])("is not asked for what is no file's address: %s", async (path) => {
    expect((await ask(path)).status).toBe(401);
    expect(await hub.asked()).toEqual([]);
  });

  it.each<[string, Partial<Env>]>([
    ["without a bucket", { STORE: undefined } as unknown as Partial<Env>],
    ["offline", { OFFING_XET_OFFLINE: "1" }],
  ])("is the service's alone to ask %s", async (_, vars) => {
    expect((await ask(FILE, bearer(TOKEN), vars)).status).toBe(401);
    expect(await hub.asked()).toEqual([]);
  });
});

