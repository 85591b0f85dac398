import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";

// The Worker and its Durable Object run in workerd as they are; the platform under them is test/platform.ts.
export default defineConfig({
  test: {
    silent: "passed-only",
    // The library leaves the failure of a broken answer's pipe to nobody; its reader is told all the same.
    onUnhandledError: ({ message }) => message !== "Network connection lost.",
  },
  plugins: [
    cloudflareTest({
      main: "./test/entry.ts",
      wrangler: { configPath: "./wrangler.jsonc" },
      miniflare: { bindings: { INSIGHTS_SLEEP_AFTER: "1s", OFFING_LOG_LEVEL: "warning" } },
    }),
  ],
});
