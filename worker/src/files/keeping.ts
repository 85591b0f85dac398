/** Which files are kept in the bucket, under which names, and from which answers. */

import type { Asked } from "../asked";
import { type Client, copy, type Outcome } from "./copy";
import type { HubFile } from "./hub";
import { type Content, openSink } from "./sink";

/** Files that are on their way into the bucket at a time, of one isolate. Those beyond pass without. */
export const MOST = 32;
let underway = 0;

const SHA256 = /^[0-9a-f]{64}$/;
const SHA1 = /^[0-9a-f]{40}$/;

/**
 * A file's content as the bucket knows it; undefined where the hub tells no hash that the service can check.
 *
 * The name is that of the content, so that a file is kept once whatever repositories have it. git's SHA-1, of which
 * two contents can be made, names a content only within its repository.
 */
export function contentOf({ file, size, etag, xetHash }: HubFile): Content | undefined {
  const sha256 = SHA256.test(etag) ? etag : undefined;
  if (size === 0) return undefined;
  if (xetHash) return { key: `xet/xet/${xetHash}`, size, sha256 };
  if (sha256) return { key: `xet/sha256/${sha256}`, size, sha256 };
  return SHA1.test(etag) ? { key: `xet/git/${file.type}s/${file.repo}/${etag}`, size, sha256 } : undefined;
}

/** Whether a file of a size is to be kept here when a client asks for it. */
export function mayKeep(size: number, env: Env): boolean {
  return size >= numberOf(env.XET_STORE_MIN_BYTES, 1) && size <= numberOf(env.XET_STORE_MAX_BYTES, Infinity);
}

/** Whether an answer is the whole of a file, and breaks off unless every byte of it is the file's. */
export function isWhole(answer: Response, { size, etag }: HubFile): boolean {
  const { headers } = answer;
  return (
    answer.status === 200 &&
    answer.body !== null &&
    headers.get("X-Offing-Verified") === "file" &&
    headers.get("ETag") === `"${etag}"` &&
    headers.get("Content-Length") === String(size) &&
    !headers.has("Content-Encoding")
  );
}

/** The same answer, whose body goes into the bucket as the client takes it; as it is where there is no room. */
export function keeping(
  answer: Response,
  content: Content,
  bucket: R2Bucket,
  { ctx, request }: Asked,
): Response {
  if (!answer.body || underway >= MOST) return answer;
  const { readable, writable } = new FixedLengthStream(content.size);
  ctx.waitUntil(fill(answer.body, content, bucket, { into: writable, gone: request.signal }));
  return new Response(readable, answer);
}

/** Puts a whole file into the bucket, and passes it to a client where there is one. Never rejects. */
export async function fill(
  body: ReadableStream<Uint8Array>,
  content: Content,
  bucket: R2Bucket,
  client?: Client,
): Promise<Outcome> {
  const release = taken(client?.gone);
  const outcome = await copy(body, content.size, openSink(bucket, content), client).finally(release);
  if (outcome === "bucket") console.error(JSON.stringify({ event: "file-not-kept", bytes: content.size }));
  return outcome;
}

/** Takes a place. A request whose client hangs up may run to no end, so that the signal gives the place back too. */
function taken(gone: AbortSignal | undefined): () => void {
  let places = 1;
  const release = (): void => {
    underway -= places;
    places = 0;
  };
  underway += places;
  gone?.addEventListener("abort", release);
  return release;
}

const numberOf = (text: string | undefined, otherwise: number): number => {
  const number = Number(text?.trim() || NaN);
  return Number.isFinite(number) ? number : otherwise;
};
