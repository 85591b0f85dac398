/** A file of a hub, the service that answers with it, and how the tests of stored files ask the Worker for it. */

import { createExecutionContext, env, reset, waitOnExecutionContext } from "cloudflare:test";
import { afterEach, beforeEach, expect } from "vitest";
import worker from "../src/index";
import { COMMIT, contentOf, Hub, redirected, sha256 } from "./hub";
import { answered, CONNECTION_LOST, newPlatform, type Service, xetPlatform } from "./platform";

export const MIB = 1024 * 1024;
export const RESOLVED = "/acme/model/resolve/main/folder/weights.bin";
export const FILE = "/download/acme/model/folder/weights.bin";

export const bytes = contentOf(MIB + 12_345, 7);
export const etag = await sha256(bytes);
export const bucket = env.STORE as R2Bucket;
export const key = `xet/sha256/${etag}`;

/** The hub of the test that runs. */
export let hub: Hub;

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Uint8Array;
}

/** Asks the Worker, and waits for all that it does, the putting too. */
export async function ask(path: string, init: RequestInit = {}, vars: Partial<Env> = {}): Promise<Answer> {
  const ctx = createExecutionContext();
  const request = new Request(`https://offing.example${path}`, { redirect: "manual", ...init });
  const answer = await worker.fetch(request as never, { ...env, HF_ENDPOINT: hub.endpoint, ...vars }, ctx);
  const body = new Uint8Array(await answer.arrayBuffer());
  await waitOnExecutionContext(ctx);
  return { status: answer.status, headers: answer.headers, body };
}

/** The service's answer with a file, whole and verified, in pieces. */
export const whole =
  (content: Uint8Array = bytes, headers: Record<string, string> = {}): Service =>
  (request) => {
    const told = {
      ETag: `"${etag}"`,
      "Accept-Ranges": "bytes",
      "Content-Type": "application/octet-stream",
      "Content-Disposition": 'attachment; filename="weights.bin"',
      "X-Content-Type-Options": "nosniff",
      "Cache-Control": "private, no-cache",
      "X-Linked-Size": String(bytes.length),
      "X-Linked-Etag": `"${etag}"`,
      "X-Repo-Commit": COMMIT,
      "X-Offing-Verified": "file",
      "Content-Length": String(bytes.length),
      ...headers,
    };
    return answered(request, request.method === "HEAD" ? null : pieces(content), { headers: told });
  };

/** Pieces of a content, after which the stream ends, or breaks off. */
export function pieces(content: Uint8Array, broken = false): ReadableStream<Uint8Array> {
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      const next = content.subarray(at, (at += 100_000));
      if (next.length > 0) controller.enqueue(next);
      else if (broken) controller.error(new Error(CONNECTION_LOST));
      else controller.close();
    },
  });
}

/** Puts the file into the bucket as a first client does. */
export async function store(): Promise<void> {
  xetPlatform.service = whole();
  expect((await ask(FILE)).body).toEqual(bytes);
  expect((await bucket.head(key))?.size).toBe(bytes.length);
  xetPlatform.ports = [];
}

/** Whether no container has been asked, since the file was put where there is one. */
export const isUnasked = (): boolean => xetPlatform.ports.length === 0;

/** Every test of a file begins with a platform and a hub of its own, which says to everyone what the file is. */
export function eachWithItsHub(): void {
  beforeEach(async () => {
    newPlatform();
    hub = new Hub();
    await hub.says({ [RESOLVED]: redirected(bytes.length, etag) });
  });
  afterEach(reset);
}
