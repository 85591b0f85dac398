/** A file of the bucket as an answer, with the headers that the Xet service would give it. */

import type { HubFile } from "./hub";
import { checkSame, isUnchanged, type Span, spansOf } from "./ranges";
import type { Content } from "./sink";

/** What is told of a file, whichever part of it is sent. */
function headersOf({ file, size, etag, commit, lastModified }: HubFile): Headers {
  const headers = new Headers({
    ETag: `"${etag}"`,
    "Accept-Ranges": "bytes",
    // Never the file's own: a page out of a repository must not run here.
    "Content-Type": "application/octet-stream",
    "Content-Disposition": disposition(file.path.split("/").at(-1) ?? ""),
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "private, no-cache",
    "X-Linked-Size": String(size),
    "X-Linked-Etag": `"${etag}"`,
    "X-Repo-Commit": commit,
  });
  if (lastModified) headers.set("Last-Modified", lastModified);
  return headers;
}

/** An attachment of a name (RFC 6266): plain, and as UTF-8 where it has more than ASCII. */
export function disposition(name: string): string {
  const plain = name.replace(/[^\x20-\x7e]/gu, "_").replace(/["\\]/g, "_");
  const quoted = encodeURIComponent(name).replace(/[!'()*]/g, (each) => `%${each.charCodeAt(0).toString(16).toUpperCase()}`);
  return `attachment; filename="${plain}"${plain === name ? "" : `; filename*=UTF-8''${quoted}`}`;
}

/** What the hub's word alone answers: that the client has the file already. Refuses with 412 and 416. */
export function answerUnread(asked: Headers, hub: HubFile): Response | undefined {
  checkSame(asked, `"${hub.etag}"`);
  if (!isUnchanged(asked, `"${hub.etag}"`)) return undefined;
  const headers = headersOf(hub);
  headers.delete("Content-Type");
  headers.delete("Content-Disposition");
  return new Response(null, { status: 304, headers });
}

/** The file, or the part of it, that is asked for; undefined where the bucket does not have it. Refuses with 416. */
export async function answerStored(
  request: Request,
  hub: HubFile,
  { key, size }: Content,
  bucket: R2Bucket,
): Promise<Response | undefined> {
  const headers = headersOf(hub);
  headers.set("Cache-Status", "offing-store; hit");
  // A range is asked for with GET only (RFC 9110, section 14.2).
  const spans = request.method === "GET" ? spansOf(request.headers, hub) : [];
  if (spans.length > 1) return undefined;
  const span: Span = spans[0] ?? { start: 0, end: size };
  headers.set("Content-Length", String(span.end - span.start));
  // Of a part too more was compared than its bytes: the whole was verified when it was put.
  headers.set("X-Offing-Verified", spans.length ? "chunks" : "file");
  if (spans.length) headers.set("Content-Range", `bytes ${span.start}-${span.end - 1}/${size}`);
  if (request.method === "HEAD") {
    const found = await bucket.head(key);
    return found?.size === size ? new Response(null, { headers }) : undefined;
  }
  const found = await bucket.get(key, { range: { offset: span.start, length: span.end - span.start } });
  if (!found || found.size !== size) {
    await found?.body.cancel();
    return undefined;
  }
  const { readable, writable } = new FixedLengthStream(span.end - span.start);
  // Who reads is told of a failure.
  found.body.pipeTo(writable).catch(() => undefined);
  return new Response(readable, { status: spans.length ? 206 : 200, headers });
}
