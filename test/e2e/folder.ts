import {
  existsSync,
  mkdtempSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { BINARY } from "./binary.ts";

/** What a run of the program came to. */
export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Both. */
  readonly output: string;
}

/** A working directory of a test's own, gone at the end of its `using`. */
export class Folder implements Disposable {
  readonly path = realpathSync(mkdtempSync(join(tmpdir(), "keycycle-folder-")));

  constructor(files: Record<string, string> = {}) {
    for (const [name, text] of Object.entries(files)) this.write(name, text);
  }

  write(name: string, text: string): void {
    mkdirSync(dirname(join(this.path, name)), { recursive: true });
    writeFileSync(join(this.path, name), text, { mode: 0o600 });
  }

  read(name: string): string {
    return readFileSync(join(this.path, name), "utf8");
  }

  has(name: string): boolean {
    return existsSync(join(this.path, name));
  }

  /** The permission bits of a file. */
  mode(name: string): number {
    return statSync(join(this.path, name)).mode & 0o777;
  }

  /** Runs the binary to its end, without a terminal. */
  async run(
    args: readonly string[],
    options: { readonly stdin?: string; readonly env?: Record<string, string>; readonly cwd?: string } = {},
  ): Promise<Ended> {
    return await runIn(join(this.path, options.cwd ?? "."), args, options, this.path);
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** Runs the binary to its end in a folder, without a terminal. */
export async function runIn(
  cwd: string,
  args: readonly string[],
  options: { readonly stdin?: string; readonly env?: Record<string, string> } = {},
  home = cwd,
): Promise<Ended> {
  const child = Bun.spawn([BINARY, ...args], {
    cwd,
    env: { PATH: process.env["PATH"], HOME: home, ...options.env },
    stdin: new Blob([options.stdin ?? ""]),
    stdout: "pipe",
    stderr: "pipe",
    // What should end at once and does not is the test's failure, not its hang.
    timeout: 10_000,
  });
  const [stdout, stderr, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return { code, stdout, stderr, output: stdout + stderr };
}
