import { describe, expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { keepOutOfGit } from "../../src/setup/git-ignore.ts";
import { temporaryFolder } from "../config/temporary-folder.ts";

const root = temporaryFolder();
let trees = 0;

/** A working tree with a folder in it, and what their `.gitignore` hold. */
function tree({ above, here }: { above?: string; here?: string }): string {
  const folder = join(root, String(++trees), "deploy");
  mkdirSync(join(folder, "../.git"), { recursive: true });
  mkdirSync(folder);
  if (above !== undefined) writeFileSync(join(folder, "../.gitignore"), above);
  if (here !== undefined) writeFileSync(join(folder, ".gitignore"), here);
  return folder;
}

describe("names put into .gitignore", () => {
  test.each([
    [{}, ".env\nkeycycle.yaml\n"],
    [{ here: "node_modules" }, "node_modules\n.env\nkeycycle.yaml\n"],
    [{ here: "dist\n.env\n" }, "dist\n.env\nkeycycle.yaml\n"],
    [{ here: "dist\r\nout" }, "dist\r\nout\r\n.env\r\nkeycycle.yaml\r\n"],
    [{ above: "/.env*\n" }, "keycycle.yaml\n"],
    [{ above: "*.yaml\n", here: "# .env\n" }, "# .env\n.env\n"],
  ])("where there is %j", (files, text) => {
    const folder = tree(files);
    const expected = { path: join(folder, ".gitignore"), text, mode: "kept" as const };
    expect(keepOutOfGit(folder, [".env", "keycycle.yaml"])).toEqual([expected]);
  });
});

test("what is ignored already is left alone", () => {
  expect(keepOutOfGit(tree({ above: ".env\n" }), [".env"])).toEqual([]);
});

test("outside of git there is nothing to ignore", () => {
  expect(keepOutOfGit(root, [".env"])).toEqual([]);
});
