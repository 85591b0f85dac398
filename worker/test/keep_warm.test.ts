import { createScheduledController, env, reset, runDurableObjectAlarm } from "cloudflare:test";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import config from "../wrangler.jsonc?raw";
import worker from "../src/index";
import { post } from "./asking";
import { newPlatform, ocrPlatform, platform, platformOf, xetPlatform } from "./platform";

const run = (changed: Partial<Env>): Promise<void> => worker.scheduled(createScheduledController(), { ...env, ...changed });
const starts = (): number[] => [platform, ocrPlatform, xetPlatform].map((each) => each.starts.length);

beforeEach(() => {
  newPlatform();
});
afterEach(async () => {
  vi.restoreAllMocks();
  await reset();
});

it("is off unless a service is named, and no cron is set", async () => {
  await run({});
  expect(starts()).toEqual([0, 0, 0]);
  expect(config).toMatch(/"KEEP_WARM": ""/);
  expect(config).toMatch(/"crons": \[\]/);
});

it("starts the first container of each named service, and keeps it awake beyond its idle time", async () => {
  await run({ KEEP_WARM: "insights, xet", INSIGHTS_INSTANCES: "3" });
  expect(starts()).toEqual([1, 0, 1]);
  const object = env.INSIGHTS.get(env.INSIGHTS.idFromName("instance-0"));
  for (const begun = Date.now(); Date.now() - begun < 2_500; await scheduler.wait(100)) await runDurableObjectAlarm(object);
  expect([platform.signals, platform.running]).toEqual([[], true]);
  expect(platformOf("insights", "instance-1").starts).toEqual([]);
  await run({ KEEP_WARM: "insights" });
  expect(await (await post("x")).text()).toBe("x");
  expect(platform.starts).toHaveLength(1);
});

it("keeps nothing awake that is not deployed, or that there is not", async () => {
  await run({ KEEP_WARM: "xet nothing", SERVICES: "ocr" });
  expect(starts()).toEqual([0, 0, 0]);
});

it("tells of a start that failed, and goes on with the others", async () => {
  const lines = vi.spyOn(console, "error").mockImplementation(() => undefined);
  platform.failStart = () => platform.end(new Error("Container exited with unexpected exit code: 1"));
  await run({ KEEP_WARM: "insights xet" });
  expect(lines.mock.calls.flat().join("\n")).toContain("container-unavailable");
  expect(xetPlatform.starts).toHaveLength(1);
});
