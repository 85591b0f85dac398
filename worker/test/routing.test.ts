import { exports } from "cloudflare:workers";
import { env } from "cloudflare:test";
import { beforeEach, expect, it, vi } from "vitest";
import { newPlatform, platform } from "./platform";

beforeEach(() => { newPlatform(); });

it("works", async () => {
  const r = await exports.default.fetch("https://x/v1/image/analysis?metrics=all", { method: "POST", body: "abc" });
  console.log(r.status, await r.text(), platform.starts);
  expect(r.status).toBe(200);
});
