import { ownScript } from "../own-command.ts";

/** Bun's highest; each request under way also needs a file descriptor on either side. */
const MAX_HTTP_REQUESTS = "65535";

/**
 * Lifts Bun's limit of 256 requests under way in `fetch`, past which further ones wait for a place. It is
 * read once when the process starts, so the process starts again as itself with the variable set (about
 * 10 ms). Does nothing where a person has set the variable.
 */
export function liftFetchLimit(): void {
  if (process.env["BUN_CONFIG_MAX_HTTP_REQUESTS"] !== undefined) return;
  const env = { ...process.env, BUN_CONFIG_MAX_HTTP_REQUESTS: MAX_HTTP_REQUESTS };
  const command = [...process.execArgv, ...ownScript(process.argv), ...process.argv.slice(2)];
  if (process.execve === undefined || process.platform === "win32") {
    const stdio: ["inherit", "inherit", "inherit"] = ["inherit", "inherit", "inherit"];
    process.exit(Bun.spawnSync([process.execPath, ...command], { env, stdio }).exitCode);
  }
  try {
    process.execve(process.execPath, [process.execPath, ...command], env);
  } catch {
    // The executable was replaced since: better to serve with the limit than not at all.
  }
}
