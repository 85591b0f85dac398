/** Which file of the hub a request means. What is in any doubt is left to the service, which refuses in its words. */

/** A file of a repository at a revision. */
export interface RepoFile {
  /** `owner/name`, or `name` alone as the oldest are called. */
  readonly repo: string;
  readonly path: string;
  /** A branch, a tag, a commit or a full reference. */
  readonly revision: string;
  readonly type: RepoType;
}

export type RepoType = "model" | "dataset" | "space";

/** What stands before a repository's name in the hub's addresses. */
const BEFORE = { model: "", dataset: "datasets/", space: "spaces/" } as const;
const NAME = /^[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,94}[A-Za-z0-9_])?$/;
/** Names of owners that would make a model's address another kind's. */
const RESERVED = new Set(["api", "models", "datasets", "spaces"]);
const UNPRINTABLE = /[\x00-\x1f\x7f-\x9f\\\ud800-\udfff]/u;
/** What git refuses in the name of a reference (git-check-ref-format). */
const UNFIT = /[ ~^:?*[]|\.\.|@\{|\/\/|\/\.|\.lock(?:\/|$)|^[-./]|[./]$|^@$/;

/** The file that a URL of `/download/…` or `…/resolve/…` names; undefined for every other URL. */
export function readFile(url: URL): RepoFile | undefined {
  const parts = decoded(url.pathname);
  if (!parts) return undefined;
  const file = parts[0] === "download" ? ofDownload(parts.slice(1), url.searchParams) : ofResolve(parts);
  return file && isSound(file) ? file : undefined;
}

/** Whether a hub can have such a file. */
export function isSound({ repo, path, revision }: RepoFile): boolean {
  const names = repo.split("/");
  const isName = names.length <= 2 && names.every((name) => NAME.test(name)) && !RESERVED.has(names[0]?.toLowerCase() ?? "");
  return isName && !/--|\.\.|\.git$/i.test(repo) && isText(revision, 255) && !UNFIT.test(revision) && isPath(path);
}

/** The path of the hub's address of a file. */
export const hubPath = ({ repo, path, revision, type }: RepoFile): string =>
  `/${BEFORE[type]}${repo}/resolve/${quoted(revision)}/${path.split("/").map(quoted).join("/")}`;

/** Path and query by which the service answers with a file. */
export const servicePath = ({ repo, path, revision, type }: RepoFile): string =>
  `/download/${BEFORE[type]}${repo}/${path.split("/").map(quoted).join("/")}?revision=${quoted(revision)}`;

function ofDownload(parts: string[], query: URLSearchParams): RepoFile | undefined {
  const { type, rest } = kindOf(parts);
  if (rest.length < 3) return undefined;
  // Of several, the last counts.
  const revision = query.getAll("revision").at(-1) || "main";
  return { repo: rest.slice(0, 2).join("/"), path: rest.slice(2).join("/"), revision, type };
}

function ofResolve(parts: string[]): RepoFile | undefined {
  const place = parts.indexOf("resolve");
  const [revision, ...path] = parts.slice(place + 1);
  if (place < 1 || revision === undefined || path.length === 0) return undefined;
  const { type, rest } = kindOf(parts.slice(0, place));
  return { repo: rest.join("/"), path: path.join("/"), revision, type };
}

function kindOf(parts: string[]): { type: RepoType; rest: string[] } {
  if (parts[0] === "datasets") return { type: "dataset", rest: parts.slice(1) };
  if (parts[0] === "spaces") return { type: "space", rest: parts.slice(1) };
  return { type: "model", rest: parts };
}

/** The parts of a path between its slashes; undefined where one is no UTF-8. */
function decoded(path: string): string[] | undefined {
  try {
    return path.split("/").slice(1).map(decodeURIComponent);
  } catch {
    return undefined;
  }
}

const bytesOf = (text: string): number => new TextEncoder().encode(text).length;

const isText = (text: string, longest: number): boolean =>
  text.length > 0 && text.length <= longest && !UNPRINTABLE.test(text) && bytesOf(text) <= longest;

const isPath = (path: string): boolean =>
  isText(path, 2048) &&
  path.split("/").every((part) => !["", ".", "..", ".git"].includes(part.toLowerCase()) && bytesOf(part) <= 255);

/** A part of a path as it stands in a URL: nothing but what RFC 3986 calls unreserved stays as it is. */
const quoted = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (each) => `%${each.charCodeAt(0).toString(16).toUpperCase()}`);
