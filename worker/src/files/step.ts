/** The step that answers with whole Xet files of the bucket, and puts there what a container answers. */

import type { Asked, Next } from "../asked";
import { Refused } from "../problems";
import { answerStored, answerUnread } from "./answers";
import { askHub, type HubFile } from "./hub";
import { contentOf, isWhole, keeping, mayKeep } from "./keeping";
import { readFile } from "./repo_file";
import type { Content } from "./sink";

/** The name of this cache in Cache-Status (RFC 9211). */
const NAME = "offing-store";

/**
 * Answers a download from the bucket where it is there, after the hub has said that this caller may have it: each
 * time, for a right may be taken away. Whatever else the hub says, a container asks it again and answers.
 */
export async function storedFiles(asked: Asked, next: Next): Promise<Response> {
  const { request, env, service } = asked;
  if (service?.name !== "xet" || !env.STORE || !["GET", "HEAD"].includes(request.method)) return next();
  const file = readFile(new URL(request.url));
  if (!file) return next();
  const begun = Date.now();
  const hub = await askHub(env, file, request.headers.get("Authorization"));
  asked.spent.set("hub", Date.now() - begun);
  if (!hub) return next();
  const content = contentOf(hub);
  const answer = answerUnread(request.headers, hub) ?? (content && (await fromBucket(request, hub, content, env.STORE)));
  return answer ?? (await fromContainer(asked, next, hub, content, env.STORE));
}

/** The bucket's answer. Where it fails there is still the container. */
async function fromBucket(
  request: Request,
  hub: HubFile,
  content: Content,
  bucket: R2Bucket,
): Promise<Response | undefined> {
  try {
    return await answerStored(request, hub, content, bucket);
  } catch (error) {
    if (error instanceof Refused) throw error;
    console.error(JSON.stringify({ event: "bucket-failed", cause: error instanceof Error ? error.name : "unknown" }));
    return undefined;
  }
}

/** The container's answer, which goes into the bucket where it is the whole file, and one to be kept. */
async function fromContainer(
  asked: Asked,
  next: Next,
  hub: HubFile,
  content: Content | undefined,
  bucket: R2Bucket,
): Promise<Response> {
  const { request, env } = asked;
  const answer = await next();
  if (!content || request.method !== "GET" || !mayKeep(hub.size, env) || !isWhole(answer, hub)) return answer;
  const kept = keeping(answer, content, bucket, asked);
  if (kept !== answer) kept.headers.append("Cache-Status", `${NAME}; fwd=uri-miss; stored`);
  return kept;
}
