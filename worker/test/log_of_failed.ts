/**
 * What the Worker logs is shown where a test fails.
 *
 * It does not go to Vitest's console line by line: one that comes from another I/O context (a Durable Object, a queue)
 * as a file's last waits for the runner's next message, and the runner for it, for ever
 * (workers-sdk, issue 15719; @cloudflare/vitest-plugin before 1.5.0).
 */

import { beforeEach } from "vitest";

const { error: show } = console;
let lines: string[] = [];

for (const name of ["log", "warn", "error"] as const) {
  console[name] = (...parts: unknown[]) => void lines.push(parts.join(" "));
}

beforeEach(({ onTestFailed }) => {
  const logged: string[] = [];
  lines = logged;
  onTestFailed(() => {
    if (logged.length > 0) show(logged.join("\n"));
  });
});
