import { expect, test } from "bun:test";
import { chownSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { replaceFiles } from "../../src/config/replace-file.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const folder = temporaryFolder();

/** Root alone may give files away; who is not root finds its own as they were. */
const OWNER = process.getuid?.() === 0 ? 12_345 : (process.getuid?.() ?? 0);

test("a file keeps its owner and mode, and a new one beside it gets its owner", () => {
  const config = join(folder, "a.yaml");
  const dotEnv = join(folder, ".env");
  writeFileSync(config, "old", { mode: 0o640 });
  chownSync(config, OWNER, process.getgid?.() ?? 0);
  replaceFiles([
    { path: dotEnv, text: "A=1", mode: "private", beside: config },
    { path: config, text: "new", mode: "kept" },
  ]);
  expect(statSync(config)).toMatchObject({ uid: OWNER, mode: 0o100640 });
  expect(statSync(dotEnv)).toMatchObject({ uid: OWNER, mode: 0o100600 });
});

test("what was written is put back: bytes as they were, and no file where there was none", () => {
  const there = join(folder, "b.yaml");
  const fresh = join(folder, "c.yaml");
  const bytes = Buffer.from([0xef, 0xbb, 0xbf, 0xff, 0x0d, 0x0a]);
  writeFileSync(there, bytes);
  const putBack = replaceFiles([
    { path: there, text: "x", mode: "kept" },
    { path: fresh, text: "x", mode: "kept" },
  ]);
  expect(readFileSync(there, "utf8")).toBe("x");
  putBack();
  expect(readFileSync(there)).toEqual(bytes);
  expect(existsSync(fresh)).toBe(false);
});

test("a folder in the place of one file leaves the others as they were, and is named", () => {
  const there = join(folder, "d.yaml");
  writeFileSync(there, "old");
  mkdirSync(join(folder, "e.yaml"));
  const files = ["d.yaml", "e.yaml"].map((name) => ({
    path: join(folder, name),
    text: "x",
    mode: "kept" as const,
  }));
  expect(() => replaceFiles(files)).toThrow(/\/e\.yaml is a folder, not a file/);
  expect(readFileSync(there, "utf8")).toBe("old");
});
