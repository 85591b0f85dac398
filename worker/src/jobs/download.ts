/** Jobs of Xet: a file of the hub that is fetched ahead into the store. */

import type { Asked } from "../asked";
import { permitted, prefetch, type RepoFile } from "../files/prefetch";
import { BAD_REQUEST, Refused, tooLarge } from "../problems";
import { cut, failureOf } from "./ocr";
import { invalidField } from "./problems";
import type { Work } from "./record";
import type { Desk, Outcome } from "./work";

export type DownloadWork = Extract<Work, { readonly service: "xet" }>;

/** The longest body that names a file, in bytes. */
const LONGEST = 16 * 1024;

/** What a request for a job asks to be fetched; or the hub's refusal, as GET /download would answer it. */
export async function downloadWork(asked: Asked): Promise<DownloadWork | Response> {
  const file = readFile(await json(asked));
  const authorization = asked.request.headers.get("Authorization");
  const told = await permitted(asked.env, file, authorization, asked.requestId);
  return told instanceof Response ? told : { service: "xet", file, authorization };
}

/** Fetches the file. */
export async function fetchFile({ file, authorization }: DownloadWork, desk: Desk): Promise<Outcome> {
  const fetched = await Promise.race([prefetch(desk.env, file, authorization, desk.requestId), cut(desk.signal)]);
  if (!(fetched instanceof Response)) return { result: { ...fetched, contentType: null } };
  if (fetched.status < 500) return { failure: await failureOf(fetched, desk.requestId) };
  await fetched.body?.cancel();
  return { again: Number(fetched.headers.get("Retry-After")) * 1000 || 0 };
}

async function json(asked: Asked): Promise<unknown> {
  const bytes = await short(asked);
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(bytes));
  } catch {
    throw new Refused(BAD_REQUEST);
  }
}

/** The body, which only names a file. */
async function short(asked: Asked): Promise<ArrayBuffer> {
  const { incoming } = asked;
  let size = Number(asked.request.headers.get("Content-Length") ?? 0);
  if (size > LONGEST) throw new Refused(tooLarge(LONGEST, size));
  incoming.limit = LONGEST;
  incoming.tooLarge = (received) => {
    size = received;
  };
  try {
    return await new Response((await asked.upload()).body).arrayBuffer();
  } catch {
    throw new Refused(size > LONGEST ? tooLarge(LONGEST, size) : BAD_REQUEST);
  }
}

/** What the body says. Whether a hub can have such a file is asked afterwards. */
function readFile(given: unknown): RepoFile {
  if (!given || typeof given !== "object" || Array.isArray(given)) throw new Refused(BAD_REQUEST);
  const { repo, path, revision = "main", type = "model" } = given as Record<string, unknown>;
  if (typeof repo !== "string" || repo.split("/").length !== 2) throw new Refused(invalidField("repo"));
  if (typeof path !== "string") throw new Refused(invalidField("path"));
  if (typeof revision !== "string") throw new Refused(invalidField("revision"));
  if (!isType(type)) throw new Refused(invalidField("type"));
  return { repo, path, revision, type };
}

const isType = (given: unknown): given is RepoFile["type"] => ["model", "dataset", "space"].includes(given as string);
