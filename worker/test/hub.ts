/** A hub for a test, at which only this test asks; what it says of files, and the bytes that they have. */

import { inject } from "vitest";

declare module "vitest" {
  interface ProvidedContext {
    hub: string;
  }
}

/** What the hub answers to a HEAD. */
export interface Word {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Says nothing, ever. */
  readonly hangs?: boolean;
}

export const COMMIT = "c0ffee".repeat(7).slice(0, 40);
const base = inject("hub");
let hubs = 0;

export class Hub {
  readonly endpoint = `${base}/hub-${crypto.randomUUID().slice(0, 8)}-${(hubs += 1)}`;

  /** Says from now on, to whom shows the token, or to everyone. */
  async says(answers: Readonly<Record<string, Word>>, token?: string): Promise<void> {
    await (await fetch(this.endpoint, { method: "PUT", body: JSON.stringify({ answers, token }) })).arrayBuffer();
  }

  /** The requests that have come: path and headers of each. */
  async asked(): Promise<Record<string, string>[]> {
    return (await fetch(this.endpoint)).json();
  }
}

/** Bytes that are no others of the same length. */
export function contentOf(size: number, seed: number): Uint8Array {
  const bytes = new Uint8Array(size);
  for (let index = 0, state = seed; index < size; index += 1) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[index] = state >>> 24;
  }
  return bytes;
}

export async function sha256(bytes: Uint8Array): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** What the hub says of a large file: where its bytes are elsewhere, and which they are. */
export const redirected = (size: number, etag: string, more: Record<string, string> = {}): Word => ({
  status: 302,
  headers: {
    Location: "https://elsewhere.example/signed",
    "X-Linked-Size": String(size),
    "X-Linked-Etag": `"${etag}"`,
    "X-Repo-Commit": COMMIT,
    ...more,
  },
});
