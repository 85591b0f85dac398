/** Files that are fetched ahead of their first client: for jobs. */

import { Asked } from "../asked";
import { instance } from "../instance";
import { answerProblem, Refused } from "../problems";
import { askHub, type HubFile, isOffline } from "./hub";
import { contentOf, fill, isWhole } from "./keeping";
import { BAD_NAME, NOT_FETCHED, NOT_KEPT } from "./problems";
import { isSound, type RepoFile, servicePath } from "./repo_file";
import type { Content } from "./sink";

export type { HubFile } from "./hub";
export type { RepoFile } from "./repo_file";

/** A file that lies in the bucket, whole and verified. */
export interface Stored {
  readonly status: 200;
  /** Its size. */
  readonly bytes: number;
  /** With its quotes, as the ETag header has it. */
  readonly etag: string;
  /** The commit that the revision is now. */
  readonly commit: string;
}

/**
 * Whether a caller may have a file, asked at the hub now; `authorization` is the caller's header of that name.
 *
 * Resolves to what the hub says of the file, or, where the caller may not have it, to the very answer of
 * `GET /download` (401, 403, 404, 422, and 5xx where the hub fails). Throws a {@link Refused} (422) for what is no
 * file's name, and where nothing would keep the file.
 */
export async function permitted(
  env: Env,
  file: RepoFile,
  authorization: string | null,
  requestId: string,
): Promise<Response | HubFile> {
  if (!isSound(file)) throw new Refused(BAD_NAME);
  if (!env.STORE || isOffline(env)) throw new Refused(NOT_KEPT);
  const hub = await askHub(env, file, authorization);
  if (!hub) return refusal(env, file, authorization, requestId);
  if (hub.size > 0 && !contentOf(hub)) throw new Refused(NOT_KEPT);
  return hub;
}

/**
 * Fetches a file from a container into the bucket, where it is not there yet, after {@link permitted} has said yes.
 *
 * Resolves to a {@link Stored} when it is there, or to a problem's answer where the hub or the service refuses or
 * something fails: one of 5xx may be tried again. Throws what `permitted` throws.
 */
export async function prefetch(
  env: Env,
  file: RepoFile,
  authorization: string | null,
  requestId: string,
): Promise<Response | Stored> {
  const hub = await permitted(env, file, authorization, requestId);
  if (hub instanceof Response) return hub;
  const stored: Stored = { status: 200, bytes: hub.size, etag: `"${hub.etag}"`, commit: hub.commit };
  const content = contentOf(hub);
  if (!content || !env.STORE || (await holds(env.STORE, content))) return stored;
  return await withContainer(env, { ...file, revision: hub.commit }, authorization, requestId, async (answer) => {
    if (!answer.ok) return answer;
    if (!answer.body || !isWhole(answer, hub) || !env.STORE) {
      await answer.body?.cancel();
      return answerProblem(NOT_FETCHED, requestId);
    }
    const outcome = await fill(answer.body, content, env.STORE);
    return outcome === "kept" ? stored : answerProblem(NOT_FETCHED, requestId);
  });
}

const holds = async (bucket: R2Bucket, { key, size }: Content): Promise<boolean> =>
  (await bucket.head(key).catch(() => null))?.size === size;

/** What the service says to a caller to whom the hub did not say yes. */
function refusal(env: Env, file: RepoFile, authorization: string | null, requestId: string): Promise<Response> {
  return withContainer(env, file, authorization, requestId, async (answer) => {
    if (!answer.ok) return answer;
    // The hub says yes after all; what it is about to send is not what was asked for.
    await answer.body?.cancel();
    return answerProblem(NOT_FETCHED, requestId);
  });
}

/** Asks a container for a file as a client would, and waits for all that this leaves to be done. */
async function withContainer<T>(
  env: Env,
  file: RepoFile,
  authorization: string | null,
  requestId: string,
  use: (answer: Response) => Promise<T>,
): Promise<T> {
  const later: Promise<unknown>[] = [];
  const ctx = { waitUntil: (work: Promise<unknown>) => void later.push(work), passThroughOnException: () => undefined };
  const headers = new Headers({ "X-Request-ID": requestId });
  if (authorization !== null) headers.set("Authorization", authorization);
  const request = new Request(`https://offing.invalid${servicePath(file)}`, { headers });
  const asked = new Asked(request, env, ctx as unknown as ExecutionContext);
  try {
    return await use(await instance(asked));
  } finally {
    await asked.end();
    await Promise.allSettled(later);
  }
}
