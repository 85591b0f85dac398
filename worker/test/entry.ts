/** The Worker under test, with the scripted platform put under its Durable Object. */

import { Insights as Deployed, Ocr as DeployedOcr, Xet as DeployedXet } from "../src/container";
import { platform, xetPlatform } from "./platform";

export { default } from "../src/index";

export class Insights extends Deployed {
  protected override readonly startLimit = 600;

  constructor(ctx: DurableObjectState<{}>, env: Env) {
    Object.defineProperty(ctx, "container", { get: () => platform });
    super(ctx, env);
  }
}

export class Xet extends DeployedXet {
  protected override readonly startLimit = 600;

  constructor(ctx: DurableObjectState<{}>, env: Env) {
    Object.defineProperty(ctx, "container", { get: () => xetPlatform });
    super(ctx, env);
  }
}

/** Stays asleep: nothing here asks for it. */
export class Ocr extends DeployedOcr {
  constructor(ctx: DurableObjectState<{}>, env: Env) {
    Object.defineProperty(ctx, "container", { get: () => ({ running: false }) });
    super(ctx, env);
  }
}
