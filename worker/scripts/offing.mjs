// Runs `offing`, which checks the configuration before wrangler deploys it: that of the checkout, or of the path.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const own = fileURLToPath(new URL("../../.venv/bin/offing", import.meta.url));
const ran = spawnSync(existsSync(own) ? own : "offing", process.argv.slice(2), { stdio: "inherit" });
if (ran.error) {
  console.error("offing is not installed. `make deploy` in the folder above sets it up; needed is Python 3.11 or newer.");
  process.exit(127);
}
process.exit(ran.status ?? 1);
