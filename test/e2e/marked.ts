import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { BINARY } from "./binary.ts";

/**
 * Part of every secret of these tests. No five characters of it are without a dot, which no id, hash or
 * base64 holds: so a find is never an accident.
 */
const MARK = "Qz.7Xk.9Wv.4Jy.";

/** As long as a key's last characters may be shown. */
const SHOWABLE = 4;

/** A secret with the mark in it, of the form that providers' keys have. */
export function marked(name: string): string {
  return `sk-${MARK}${name}-tail`;
}

/** The longest part of the mark, over four characters, that the text holds, with what stands around it. */
export function leakIn(text: string): string | undefined {
  for (let length = MARK.length; length > SHOWABLE; length -= 1) {
    for (let start = 0; start + length <= MARK.length; start += 1) {
      const at = text.indexOf(MARK.slice(start, start + length));
      if (at >= 0) return text.slice(Math.max(0, at - 120), at + 80);
    }
  }
  return undefined;
}

/** Everything of an answer that a client can see, the error it ends with included. */
export async function allOf(answer: Promise<Response>): Promise<string> {
  const parts: string[] = [];
  try {
    const response = await answer;
    parts.push(`${response.status} ${response.statusText}`, JSON.stringify([...response.headers]));
    parts.push(await response.text());
  } catch (error) {
    parts.push(Bun.inspect(error));
  }
  return parts.join("\n");
}

export interface Run {
  readonly code: number;
  readonly output: string;
}

/** Runs the binary to its end in a folder of its own with these files in it. */
export async function run(
  args: readonly string[],
  options: { files?: Record<string, string>; env?: Record<string, string> } = {},
): Promise<Run> {
  const cwd = mkdtempSync(join(tmpdir(), "keycycle-run-"));
  try {
    for (const [name, text] of Object.entries(options.files ?? {})) {
      writeFileSync(join(cwd, name), text, { mode: 0o600 });
    }
    const child = Bun.spawn([BINARY, ...args], {
      cwd,
      env: { PATH: process.env["PATH"], HOME: cwd, NO_COLOR: "1", ...options.env },
      stdin: "ignore",
      stdout: "pipe",
      stderr: "pipe",
      // What should end at once and does not is the test's failure, not its hang.
      timeout: 3_000,
    });
    const [out, error, code] = await Promise.all([
      new Response(child.stdout).text(),
      new Response(child.stderr).text(),
      child.exited,
    ]);
    return { code, output: out + error };
  } finally {
    rmSync(cwd, { recursive: true, force: true });
  }
}
