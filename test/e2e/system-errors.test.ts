import { describe, expect, test } from "bun:test";
import { join } from "node:path";

import { BINARY } from "./binary.ts";
import { Folder } from "./folder.ts";

const YAML = "apiKeys:\n  - { name: a, key: sk-literal-0123456789, url: https://api.openai.com }\n";

async function withoutRoom(folder: Folder, args: readonly string[]) {
  const child = Bun.spawn(["sh", "-c", '"$0" "$@" > /dev/full', BINARY, ...args], {
    cwd: folder.path,
    env: { PATH: process.env["PATH"], HOME: folder.path },
    stderr: "pipe",
  });
  const [stderr, code] = await Promise.all([new Response(child.stderr).text(), child.exited]);
  return { stderr, code };
}

describe("where standard output has no room", () => {
  test.each(["check", "check --json", "schema", "completions bash", "--help", "--version"])(
    "%p fails, and says so in a line",
    async (line) => {
      using folder = new Folder({ "keycycle.yaml": YAML });
      const { stderr, code } = await withoutRoom(folder, line.split(" "));
      expect(stderr).toMatch(/standard output was not: it has no space left on its disk \(ENOSPC\)/);
      expect(stderr).not.toContain("    at ");
      expect(code).toBe(1);
    },
  );
});

test("who reads no further, as head does, hears of no failure", async () => {
  using folder = new Folder();
  const child = Bun.spawn(["sh", "-c", '{ "$0" schema; echo "code $?" >&2; } | head -1', BINARY], {
    cwd: folder.path,
    stdout: "pipe",
    stderr: "pipe",
  });
  const [stdout, stderr] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  expect(stdout).toBe("{\n");
  expect(stderr).toBe("code 0\n");
});

test.each([
  { what: "that is a file", home: "keycycle.yaml", says: "a part of its path is a file and no folder" },
  { what: "that cannot be made", home: "../../proc/none", says: "does not exist" },
])("service install into a home $what says which path and why", async ({ home, says }) => {
  using folder = new Folder({ "keycycle.yaml": YAML });
  const { stderr, code } = await folder.run(["service", "install", "--yes"], {
    env: { HOME: join(folder.path, home) },
  });
  expect(stderr).toMatch(/ERROR {2}\/\S+\/\.config\/systemd\/user /);
  expect(stderr).toContain(says);
  expect(stderr).not.toContain("    at ");
  expect(code).toBe(1);
});

test("init --output of a folder says that it is one", async () => {
  using folder = new Folder({ "there/x": "" });
  const { output, code } = await folder.run(["init", "--example", "--yes", "--output", "there"]);
  expect(output).toContain("--output there: this is a folder");
  expect(output).not.toContain("    at ");
  expect(code).toBe(2);
});
