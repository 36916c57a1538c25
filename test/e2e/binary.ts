import { join } from "node:path";

const ROOT = join(import.meta.dir, "../..");

/** The compiled program that the end-to-end tests run; built anew where a source is younger. */
export const BINARY = join(ROOT, "dist/keycycle");

/** Builds the binary unless it is up to date. */
export async function buildBinary(): Promise<void> {
  const builtMs = (await Bun.file(BINARY).exists()) ? Bun.file(BINARY).lastModified : 0;
  const sources = [
    ...new Bun.Glob("src/**/*").scanSync(ROOT),
    "keycycle.yaml.example",
    "package.json",
    "bun.lock",
  ];
  if (sources.every((source) => Bun.file(join(ROOT, source)).lastModified < builtMs)) return;
  const build = Bun.spawnSync([process.execPath, "run", "build"], {
    cwd: ROOT,
    stdout: "ignore",
    stderr: "pipe",
  });
  if (!build.success) throw new Error(`The binary does not build:\n${build.stderr.toString()}`);
}

/** A command that serves and writes all that it tells on standard output. */
export const SERVE_IN_ONE: readonly string[] = ["/bin/sh", "-c", `exec "$0" serve 2>&1`, BINARY];
