/** What the hub says of a file to this caller: the right to it, and which content it is. */

import { hubPath, type RepoFile } from "./repo_file";

/** A file as the hub describes it to one who may read it. */
export interface HubFile {
  readonly file: RepoFile;
  /** In bytes. */
  readonly size: number;
  /** Without quotes: the content's SHA-256, or git's hash of a small file, where the hub is as it should be. */
  readonly etag: string;
  /** The content store's hash; undefined where that does not have the file. */
  readonly xetHash: string | undefined;
  readonly commit: string;
  /** An HTTP date, where the hub tells one. */
  readonly lastModified: string | undefined;
}

const PUBLIC_HUB = "https://huggingface.co";
/** For the hub's whole answer, in milliseconds: after it a container asks, more patiently. */
const PATIENCE = 10_000;
/** Addresses of the hub's own that are asked in turn: a repository may have been renamed. */
const MOST_HOPS = 4;

const BEARER = /^Bearer +([!-~]{1,4096}) *$/i;
const REDIRECTS = [301, 302, 303, 307, 308];
const COMMIT = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;
const HASH = /^[0-9a-f]{64}$/;
const ETAG = /^(?:W\/)?"?([!#-~]{1,256}?)"?$/;
const SIZE = /^[0-9]{1,15}$/;

/** Whether the Xet service asks no hub. */
export const isOffline = (env: Env): boolean => isOn(env.OFFING_XET_OFFLINE ?? "") || isOn(env.HF_HUB_OFFLINE ?? "");

/**
 * Asks the hub for a file with a caller's own token, or with the deployment's where that is shared.
 *
 * Undefined for whatever is not plainly a file that this caller may read, be it a refusal or a failure: the
 * service asks again, and answers. The token goes to the hub's own origin alone, as the service has it.
 */
export async function askHub(env: Env, file: RepoFile, authorization: string | null): Promise<HubFile | undefined> {
  const token = tokenOf(env, authorization);
  if (token === undefined || isOffline(env)) return undefined;
  const headers = { "Accept-Encoding": "identity", ...(token && { Authorization: `Bearer ${token}` }) };
  // Nothing between here and the hub may answer in its place.
  const asked = { method: "HEAD", headers, redirect: "manual", cache: "no-store" } as const;
  const told = new Headers();
  try {
    const signal = AbortSignal.timeout(PATIENCE);
    let url = new URL(endpointOf(env) + hubPath(file));
    for (let hop = 0; hop < MOST_HOPS; hop += 1) {
      const answer = await fetch(url.href, { ...asked, signal });
      for (const name of ["X-Linked-Size", "X-Linked-Etag", "X-Repo-Commit", "X-Xet-Hash"]) {
        const value = answer.headers.get(name)?.trim();
        if (value) told.set(name, value);
      }
      const location = REDIRECTS.includes(answer.status) ? answer.headers.get("Location") : null;
      const next = location === null ? undefined : new URL(location, url);
      if (next?.origin === url.origin) url = next;
      else return next || answer.ok ? readAnswer(file, told, answer, next !== undefined) : undefined;
    }
  } catch (error) {
    console.warn(JSON.stringify({ event: "hub-not-asked", cause: error instanceof Error ? error.name : "unknown" }));
  }
  return undefined;
}

/** The last answer's word, with what was told on the way. One that leads away says all, or too little. */
function readAnswer(file: RepoFile, told: Headers, answer: Response, leaves: boolean): HubFile | undefined {
  const { headers } = answer;
  const plain = leaves || headers.get("Content-Encoding") ? "" : (headers.get("Content-Length") ?? "");
  const size = told.get("X-Linked-Size") ?? plain;
  const etag = ETAG.exec(told.get("X-Linked-Etag") ?? headers.get("ETag") ?? "")?.[1];
  const commit = told.get("X-Repo-Commit") ?? "";
  const xetHash = told.get("X-Xet-Hash")?.toLowerCase();
  if (!SIZE.test(size) || !etag || !COMMIT.test(commit) || (xetHash && !HASH.test(xetHash))) return undefined;
  return { file, size: Number(size), etag, xetHash, commit, lastModified: dateOf(headers.get("Last-Modified")) };
}

/** The token to ask with; empty to ask as a stranger. Undefined for a header that is none: that is to be refused. */
function tokenOf(env: Env, authorization: string | null): string | undefined {
  if (authorization !== null) return BEARER.exec(authorization)?.[1];
  if (!isOn(env.OFFING_XET_SHARE_TOKEN ?? "")) return "";
  const shared = given(env.OFFING_XET_TOKEN, env.HF_TOKEN);
  return /^[!-~]{0,4096}$/.test(shared) ? shared : undefined;
}

const endpointOf = (env: Env): string => (given(env.OFFING_XET_ENDPOINT, env.HF_ENDPOINT) || PUBLIC_HUB).replace(/\/+$/, "");

/** The first of a setting's variables that is not blank. */
const given = (...texts: (string | undefined)[]): string => texts.map((text) => text?.trim()).find(Boolean) ?? "";

const isOn = (text: string): boolean => ["1", "true", "yes", "on"].includes(text.trim().toLowerCase());

function dateOf(text: string | null): string | undefined {
  const date = new Date(text ?? NaN);
  return Number.isNaN(date.getTime()) ? undefined : date.toUTCString();
}
