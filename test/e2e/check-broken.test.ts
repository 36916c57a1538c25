import { describe, expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import { join } from "node:path";

import { BINARY } from "./binary.ts";
import { Terminal } from "./terminal.ts";

/** Each configuration stands beside what is to be said of it, in a `.txt` of its name. */
const FOLDER = join(import.meta.dir, "../fixtures/broken");
const CONFIGS = readdirSync(FOLDER).filter((name) => !name.endsWith(".txt"));

/** What the program wrote, both streams, and how it ended. */
async function check(config: string, ...flags: string[]): Promise<{ text: string; code: number }> {
  const child = Bun.spawn([BINARY, "check", "--config", config, ...flags], {
    cwd: FOLDER,
    env: { PATH: process.env["PATH"], HOME: "/nonexistent" },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const texts = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
  return { text: texts.join("").trim(), code: await child.exited };
}

interface Told {
  readonly ok: boolean;
  readonly errors: readonly { file: string; line: number; column: number; message: string }[];
}

test("there are at least thirty of them", () => {
  expect(CONFIGS.length).toBeGreaterThanOrEqual(30);
});

describe("a broken configuration is told with place and mend", () => {
  test.each(CONFIGS)("%s", async (config) => {
    const expected = (await Bun.file(join(FOLDER, config.replace(/\.\w+$/, ".txt"))).text()).trim();
    const [told, asJson] = await Promise.all([check(config), check(config, "--json")]);
    expect(told.text).toBe(expected);
    expect([told.code, asJson.code]).toEqual([2, 2]);
    const { ok, errors }: Told = JSON.parse(asJson.text);
    expect(ok).toBe(false);
    for (const { file, line, column, message } of errors)
      expect(expected).toContain(`${file}:${line}:${column}  ${message}`);
  });
});

test("in a narrow window no line is broken by the terminal, and the carets stand below what is wrong", async () => {
  const command = `${BINARY} check --config 82-two-kinds-of-size.yaml; echo done`;
  await using terminal = await Terminal.start(command, { cwd: FOLDER, columns: 48, rows: 60 });
  await terminal.shows("done");
  const lines = terminal.screen.split("\n");
  const at = lines.findIndex((line) => line.endsWith("^^^^"));
  const carets = lines[at]?.indexOf("^") ?? -1;
  expect(lines[at - 1]?.slice(carets, carets + 4)).toBe("lots");
  expect(lines).toContainEqual("      = a whole number, or one with k or M");
});
