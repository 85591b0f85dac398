/** The parts of a form as it came, without the boundary that each client makes up anew (RFC 7578, RFC 2046). */

const MOST_PARTS = 32;
/** Of a part's headers, in bytes. */
const LONGEST_HEAD = 8192;
const CR = 0x0d;

/** A part of a form. */
export interface Part {
  /** Its headers, in one form for all that mean the same, and without the name of its file. */
  readonly head: string;
  /** A view of the form's own bytes. */
  readonly data: Uint8Array;
}

/** The parts of a form; undefined where it has no sound form, too many parts, or none. */
export function partsOf(body: Uint8Array, contentType: string): readonly Part[] | undefined {
  const boundary = boundaryOf(contentType);
  if (!boundary) return undefined;
  const delimiter = new TextEncoder().encode(`\r\n--${boundary}`);
  // The first one may stand at the very beginning, without a line before it.
  const isFirst = startsWith(body, delimiter.subarray(2), 0);
  let place = isFirst ? delimiter.length - 2 : after(body, delimiter, 0);
  const parts: Part[] = [];
  while (place !== undefined && parts.length <= MOST_PARTS) {
    const rest = lineEnd(body, place);
    if (rest === "last") return parts.length ? parts : undefined;
    const end = rest === undefined ? undefined : find(body, delimiter, rest - 2);
    const part = rest === undefined || end === undefined ? undefined : partOf(body.subarray(rest, Math.max(rest, end)));
    if (!part || end === undefined) return undefined;
    parts.push(part);
    place = end + delimiter.length;
  }
  return undefined;
}

function boundaryOf(contentType: string): string | undefined {
  const found = /;\s*boundary=(?:"([^"]{1,70})"|([^\s;"]{1,70}))\s*(?:;|$)/i.exec(contentType);
  return found?.[1] ?? found?.[2];
}

/** Where the line of a delimiter ends that goes on at a place; "last" where it is the one that ends the form. */
function lineEnd(body: Uint8Array, place: number): number | "last" | undefined {
  if (body[place] === 0x2d && body[place + 1] === 0x2d) return "last";
  while (body[place] === 0x20 || body[place] === 0x09) place += 1;
  return body[place] === CR && body[place + 1] === 0x0a ? place + 2 : undefined;
}

function partOf(bytes: Uint8Array): Part | undefined {
  const blank = new TextEncoder().encode("\r\n\r\n");
  const end = find(bytes.subarray(0, LONGEST_HEAD), blank, 0);
  if (end === undefined) return undefined;
  const lines = new TextDecoder().decode(bytes.subarray(0, end)).split("\r\n");
  return { head: lines.map(canonical).sort().join("\n"), data: bytes.subarray(end + blank.length) };
}

/** A header's line. No answer names the file, but that there is a name makes the part a file. */
function canonical(line: string): string {
  const [name = "", ...rest] = line.split(":");
  const value = rest.join(":").trim();
  const isNamed = name.trim().toLowerCase() === "content-disposition";
  const plain = isNamed ? value.replace(/;\s*filename\*?=(?:"(?:[^"\\]|\\.)*"|[^;]*)/gi, ";filename") : value;
  return `${name.trim().toLowerCase()}:${plain}`;
}

const after = (body: Uint8Array, wanted: Uint8Array, from: number): number | undefined => {
  const found = find(body, wanted, from);
  return found === undefined ? undefined : found + wanted.length;
};

/** Where bytes that begin with CR stand next. */
function find(body: Uint8Array, wanted: Uint8Array, from: number): number | undefined {
  for (let at = body.indexOf(CR, from); at >= 0; at = body.indexOf(CR, at + 1)) {
    if (startsWith(body, wanted, at)) return at;
  }
  return undefined;
}

function startsWith(body: Uint8Array, wanted: Uint8Array, at: number): boolean {
  for (let index = 0; index < wanted.length; index += 1) if (body[at + index] !== wanted[index]) return false;
  return true;
}
