/** The byte ranges and conditions of a request for a file, as the Xet service reads them (RFC 9110, 13 and 14). */

import { Refused } from "../problems";
import type { HubFile } from "./hub";
import { BAD_RANGE, CHANGED } from "./problems";

/** The bytes [start, end). */
export interface Span {
  readonly start: number;
  readonly end: number;
}

const MOST_RANGES = 16;
const LONGEST = 1024;

/** Refuses with 412 where If-Match names only other files, by strong comparison. */
export function checkSame(asked: Headers, etag: string): void {
  const tags = tagsOf(asked.get("If-Match"));
  if (tags && !tags.includes("*") && !tags.includes(etag)) throw new Refused({ ...CHANGED, headers: { ETag: etag } });
}

/** Whether If-None-Match names the file as it is, by weak comparison. */
export function isUnchanged(asked: Headers, etag: string): boolean {
  const tags = tagsOf(asked.get("If-None-Match"));
  return tags !== undefined && (tags.includes("*") || tags.some((tag) => tag.replace(/^W\//, "") === etag));
}

/** The parts of a file that a GET asks for; none for the whole. Refuses with 416 where the file has none of them. */
export function spansOf(asked: Headers, { size, etag, lastModified }: HubFile): readonly Span[] {
  return takesRanges(asked.get("If-Range"), `"${etag}"`, lastModified) ? readRanges(asked.get("Range"), size) : [];
}

/** Whether If-Range lets a range be sent: the client's part is of the file as it is now. */
function takesRanges(given: string | null, etag: string, lastModified: string | undefined): boolean {
  if (given === null) return true;
  if (/^"|^W\//.test(given)) return given === etag; // strong comparison: a weak one never matches
  return lastModified !== undefined && Date.parse(given) === Date.parse(lastModified);
}

function readRanges(header: string | null, size: number): readonly Span[] {
  const found = header && header.length <= LONGEST ? /^bytes\s*=\s*(.+)$/i.exec(header.trim()) : null;
  const parts = (found?.[1] ?? "").split(",").map((part) => part.trim()).filter(Boolean);
  const spans: Span[] = [];
  for (const part of parts) {
    const range = /^([0-9]*)\s*-\s*([0-9]*)$/.exec(part);
    const [first, last] = [range?.[1] ?? "", range?.[2] ?? ""];
    if (!range || (!first && !last) || (first && last && Number(last) < Number(first))) return [];
    spans.push(...spanOf(first, last, size));
  }
  if (parts.length === 0) return [];
  if (spans.length === 0 || parts.length > MOST_RANGES) {
    throw new Refused({ ...BAD_RANGE, headers: { "Content-Range": `bytes */${size}` } });
  }
  return spans.reduce((sum, { start, end }) => sum + end - start, 0) > size ? [] : spans;
}

function spanOf(first: string, last: string, size: number): readonly Span[] {
  const start = first ? Number(first) : Math.max(0, size - Number(last));
  const end = first && last ? Math.min(size, Number(last) + 1) : size;
  return start < end ? [{ start, end }] : [];
}

const tagsOf = (header: string | null): string[] | undefined =>
  header === null ? undefined : [...header.matchAll(/(?:W\/)?"[^"]*"|\*/g)].map(([tag]) => tag);
