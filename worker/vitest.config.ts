import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";

// The Worker and its Durable Object run in workerd as they are; the platform under them is test/platform.ts.
export default defineConfig({
  test: {
    silent: "passed-only",
  },
  plugins: [
    cloudflareTest({
      main: "./test/entry.ts",
      wrangler: { configPath: "./wrangler.jsonc" },
      miniflare: {
        bindings: {
          INSIGHTS_SLEEP_AFTER: "1s",
          XET_SLEEP_AFTER: "1s",
          OFFING_LOG_LEVEL: "warning",
          OFFING_XET_TOKEN: "secret",
          HF_ENDPOINT: "https://hub.example",
          HF_TOKEN: "secret",
        },
      },
    }),
  ],
});
