/** The Worker under test, with the scripted platform put under its Durable Object. */

import { Insights as Deployed, Ocr as DeployedOcr } from "../src/container";
import { platform } from "./platform";

export { default } from "../src/index";

export class Insights extends Deployed {
  protected override readonly startLimit = 600;

  constructor(ctx: DurableObjectState<{}>, env: Env) {
    Object.defineProperty(ctx, "container", { get: () => platform });
    super(ctx, env);
  }
}

/** Stays asleep: the scripted platform is that of one container. */
export class Ocr extends DeployedOcr {
  constructor(ctx: DurableObjectState<{}>, env: Env) {
    Object.defineProperty(ctx, "container", { get: () => ({ running: false }) });
    super(ctx, env);
  }
}
