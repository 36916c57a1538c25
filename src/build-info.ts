import { version } from "../package.json";

/**
 * The commit that this is built from: `$KEYCYCLE_COMMIT`, else what git says; `unknown` where there is no
 * git. A macro: it runs when the program is built (or started from source), and its value is baked in.
 */
export function commit(): string {
  const given = process.env["KEYCYCLE_COMMIT"];
  if (given !== undefined && given !== "") return given;
  if (Bun.which("git") === null) return "unknown";
  const git = Bun.spawnSync(["git", "rev-parse", "--short=12", "HEAD"], {
    cwd: import.meta.dir,
    stderr: "ignore",
  });
  return git.success ? git.stdout.toString().trim() : "unknown";
}

/** As in package.json. */
export function packageVersion(): string {
  return version;
}
