import { env, runInDurableObject } from "cloudflare:test";
import { expect, it } from "vitest";
import { Insights } from "../src/container";

it("tries", async () => {
  expect(env.INSIGHTS_SLEEP_AFTER).toBe("60s");
  const stub = env.INSIGHTS.get(env.INSIGHTS.idFromName("a"));
  try {
  await runInDurableObject(stub, async (instance, ctx) => { console.log(String(instance), ctx.container); });
  } catch (e) { console.log("E", e); }
});
