import { createExecutionContext, env } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import conditions from "../../src/offing/xet/conditions.py?raw";
import problems from "../../src/offing/xet/problems.py?raw";
import { BAD_NAME, BAD_RANGE, CHANGED } from "../src/files/problems";
import worker from "../src/index";
import { problemOf } from "./asking";
import { COMMIT, redirected } from "./hub";
import { answered, xetPlatform } from "./platform";
import { type Answer, ask, bucket, bytes, eachWithItsHub, etag, FILE, hub, isUnasked, key, RESOLVED, store, whole } from "./stored";

eachWithItsHub();

describe("a file that is in the bucket", () => {
  it("is answered as the container answered it, and wakes none", async () => {
    xetPlatform.service = whole();
    const first = await ask(FILE);
    xetPlatform.ports = [];
    const second = await ask(FILE);
    expect([second.status, second.body]).toEqual([200, bytes]);
    expect(isUnasked()).toBe(true);
    expect(first.headers.get("Cache-Status")).toBe("offing-store; fwd=uri-miss; stored");
    expect(second.headers.get("Cache-Status")).toBe("offing-store; hit");
    const differ = ["cache-status", "server-timing", "x-request-id"];
    const told = ({ headers }: Answer): string[][] => [...headers].filter(([name]) => !differ.includes(name));
    expect(told(second)).toEqual(told(first));
  });

  it.each([
    ["/acme/model/resolve/main/folder/weights.bin", RESOLVED],
    ["/datasets/acme/data/resolve/refs%2Fpr%2F1/a%20b.bin", "/datasets/acme/data/resolve/refs%2Fpr%2F1/a%20b.bin"],
    ["/download/spaces/acme/space/x.bin?revision=v1", "/spaces/acme/space/resolve/v1/x.bin"],
    ["/gpt2/resolve/main/x.bin", "/gpt2/resolve/main/x.bin"],
  ])("is the same by whichever address: %s", async (path, asked) => {
    await store();
    await hub.says({ [asked]: redirected(bytes.length, etag) });
    const answer = await ask(path);
    expect([answer.status, answer.body]).toEqual([200, bytes]);
    expect(isUnasked()).toBe(true);
  });

  it("is told of without its bytes", async () => {
    await store();
    const answer = await ask(FILE, { method: "HEAD" });
    expect([answer.status, answer.body.length]).toEqual([200, 0]);
    expect(answer.headers.get("Content-Length")).toBe(String(bytes.length));
    expect(answer.headers.get("X-Offing-Verified")).toBe("file");
    expect(isUnasked()).toBe(true);
  });

  it("has the hub's date, where it tells one", async () => {
    await store();
    const date = "Tue, 03 Nov 2026 10:00:00 GMT";
    await hub.says({ [RESOLVED]: redirected(bytes.length, etag, { "Last-Modified": date }) });
    expect((await ask(FILE)).headers.get("Last-Modified")).toBe(date);
  });

  it("has its name, whatever letters that has", async () => {
    await store();
    await hub.says({ "/acme/model/resolve/main/%C3%A4%22.bin": redirected(bytes.length, etag) });
    const told = (await ask("/download/acme/model/%C3%A4%22.bin")).headers.get("Content-Disposition");
    expect(told).toBe(`attachment; filename="__.bin"; filename*=UTF-8''%C3%A4%22.bin`);
  });

  it("is one in the bucket, for all repositories that have it", async () => {
    await store();
    await hub.says({ "/other/copy/resolve/main/w.bin": redirected(bytes.length, etag) });
    expect((await ask("/download/other/copy/w.bin")).body).toEqual(bytes);
    expect(isUnasked()).toBe(true);
    expect((await bucket.list()).objects).toHaveLength(1);
  });

  it("is asked of the container where its size there is another", async () => {
    await bucket.put(key, "something else");
    xetPlatform.service = whole();
    expect((await ask(FILE)).body).toEqual(bytes);
    expect((await bucket.head(key))?.size).toBe(bytes.length);
  });
});

describe("a part of a file in the bucket", () => {
  it.each([
    ["bytes=0-9", 0, 10],
    ["bytes=100000-", 100_000, bytes.length],
    ["bytes=-5", bytes.length - 5, bytes.length],
    ["bytes=5-99999999999", 5, bytes.length],
    ["Bytes = 7 - 7", 7, 8],
  ])("%s", async (range, start, end) => {
    await store();
    const answer = await ask(FILE, { headers: { Range: range } });
    expect([answer.status, answer.body]).toEqual([206, bytes.subarray(start, end)]);
    expect(answer.headers.get("Content-Range")).toBe(`bytes ${start}-${end - 1}/${bytes.length}`);
    expect(answer.headers.get("Content-Length")).toBe(String(end - start));
    expect(answer.headers.get("X-Offing-Verified")).toBe("chunks");
    expect(isUnasked()).toBe(true);
  });

  it.each(["bytes=", "lines=1-2", "bytes=2-1", "bytes=-", "bytes=a-b", "bytes=0-99999999,5-"])(
    "is all of it where the range means none: %s",
    async (range) => {
      await store();
      expect((await ask(FILE, { headers: { Range: range } })).body).toEqual(bytes);
    },
  );

  it.each(["bytes=99999999-", "bytes=-0"])("is refused where there is none: %s", async (range) => {
    await store();
    const request = new Request(`https://offing.example${FILE}`, { headers: { Range: range } });
    const answer = await worker.fetch(request as never, { ...env, HF_ENDPOINT: hub.endpoint }, createExecutionContext());
    expect(answer.headers.get("Content-Range")).toBe(`bytes */${bytes.length}`);
    await problemOf(answer, 416, "range-not-satisfiable");
  });

  it("of several parts is the container's to answer", async () => {
    await store();
    xetPlatform.service = (request) => answered(request, request.headers.get("Range"), { status: 206 });
    const answer = await ask(FILE, { headers: { Range: "bytes=0-1,5-6" } });
    expect([answer.status, new TextDecoder().decode(answer.body)]).toEqual([206, "bytes=0-1,5-6"]);
  });

  it.each([
    [`"${etag}"`, 206],
    [`W/"${etag}"`, 200],
    ['"other"', 200],
    ["Tue, 03 Nov 2026 10:00:00 GMT", 206],
    ["Tue, 03 Nov 2026 10:00:01 GMT", 200],
    ["nonsense", 200],
  ])("with If-Range: %s is %i", async (condition, status) => {
    await store();
    await hub.says({
      [RESOLVED]: redirected(bytes.length, etag, { "Last-Modified": "Tue, 03 Nov 2026 10:00:00 GMT" }),
    });
    expect((await ask(FILE, { headers: { Range: "bytes=0-9", "If-Range": condition } })).status).toBe(status);
  });
});

describe("a file that the client has already", () => {
  it.each([`"${etag}"`, `W/"${etag}"`, `"a", "${etag}"`, "*"])("is a 304 by the hub's word alone: %s", async (tags) => {
    const answer = await ask(FILE, { headers: { "If-None-Match": tags } });
    expect([answer.status, answer.headers.get("ETag"), answer.body.length]).toEqual([304, `"${etag}"`, 0]);
    expect([answer.headers.get("Content-Type"), answer.headers.get("X-Repo-Commit")]).toEqual([null, COMMIT]);
    expect(isUnasked()).toBe(true);
  });

  it("is sent where it is another", async () => {
    await store();
    expect((await ask(FILE, { headers: { "If-None-Match": '"other"' } })).status).toBe(200);
  });

  it.each([
    ['"other"', 412],
    [`W/"${etag}"`, 412],
    [`"${etag}"`, 200],
    ["*", 200],
  ])("is refused where it is no more what If-Match names: %s", async (tags, status) => {
    await store();
    const answer = await ask(FILE, { headers: { "If-Match": tags } });
    expect([answer.status, answer.headers.get("ETag")]).toEqual([status, `"${etag}"`]);
  });
});

it.each([BAD_NAME, BAD_RANGE, CHANGED])("a refusal is in the service's own words: $code", ({ code, status, detail, remedy }) => {
  for (const told of [`code = "${code}"`, `status = ${status}`, detail, remedy]) {
    expect(problems + conditions).toContain(told);
  }
});
