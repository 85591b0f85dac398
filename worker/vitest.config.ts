import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";

// The Worker and its Durable Object run in workerd as they are; the platform under them is test/platform.ts.
export default defineConfig({
  test: {
    setupFiles: ["./test/log_of_failed.ts"],
    // Backends of hybrid services, and the hub of stored files, both met over a socket; and an end to what hangs.
    globalSetup: ["./test/backend.mjs", "./test/hub_server.mjs", "./test/deadline.mjs"],
  },
  plugins: [
    cloudflareTest({
      main: "./test/entry.ts",
      wrangler: { configPath: "./wrangler.jsonc" },
      miniflare: {
        ratelimits: { RATE_OF_THREE: { namespace_id: "1003", simple: { limit: 3, period: 60 } } },
        bindings: {
          // One container each; tests of several say so.
          INSIGHTS_INSTANCES: "1",
          OCR_INSTANCES: "1",
          XET_INSTANCES: "1",
          INSIGHTS_SLEEP_AFTER: "1s",
          XET_SLEEP_AFTER: "1s",
          OFFING_LOG_LEVEL: "warning",
          OFFING_XET_TOKEN: "secret",
          // Where nobody listens: a test that needs a hub names its own.
          HF_ENDPOINT: "http://127.0.0.1:9",
          HF_TOKEN: "secret",
          OFFING_JOBS_RETRY_SECONDS: "0.001",
          OFFING_JOBS_WEBHOOK_KEY: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        },
      },
    }),
  ],
});
