/** What a request asks, in one form for all requests that ask the same: the name of its answer. */

import { version } from "../../package.json";
import type { Asked } from "../asked";
import { partsOf } from "./form";

/** The questions whose answers follow from what is sent alone, and from nothing that is fetched or may fail in part. */
export const QUESTIONS: readonly string[] = ["/v1/image/analysis", "/ocr", "/ocr/base64"];
const FORM = /^multipart\/form-data\s*(?:;|$)/i;

/** Whether answers to a request may be kept, as far as it asks what can be kept. */
export const isQuestion = ({ request, path }: Asked): boolean => request.method === "POST" && QUESTIONS.includes(path);

/**
 * The SHA-256 of all that an answer depends on, in hexadecimal: the service as it is deployed, the caller, the path,
 * the options, the headers that choose among answers, and the content. Undefined where the content is not here whole,
 * or is no sound form: the service says what is wrong with it.
 */
export async function questionOf(asked: Asked, caller: string): Promise<string | undefined> {
  const { request, env, service, path } = asked;
  const { body } = await asked.upload();
  if (!(body instanceof Uint8Array)) return undefined;
  const declared = request.headers.get("Content-Type") ?? "";
  const isForm = FORM.test(declared);
  const parts = isForm ? partsOf(body, declared) : [{ head: declared.trim().toLowerCase(), data: body }];
  if (!parts) return undefined;
  const query = new URL(request.url).searchParams;
  query.sort();
  const told = [version, env.VERSION?.id ?? "", service?.name ?? "", caller, path, query.toString()];
  const chosen = [request.headers.get("Accept") ?? "", isForm ? "form" : "raw"];
  return await digest([...told, ...chosen, ...parts.flatMap(({ head, data }) => [head, data])]);
}

/** The SHA-256 of pieces, each with its length before it, so that no two lists of them are the same bytes. */
async function digest(pieces: readonly (string | Uint8Array)[]): Promise<string> {
  const stream = new crypto.DigestStream("SHA-256");
  const writer = stream.getWriter();
  for (const piece of pieces) {
    const bytes = typeof piece === "string" ? new TextEncoder().encode(piece) : piece;
    await writer.write(new TextEncoder().encode(`${bytes.length}\n`));
    await writer.write(bytes);
  }
  await writer.close();
  return Array.from(new Uint8Array(await stream.digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
