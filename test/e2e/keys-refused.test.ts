import { expect, test } from "bun:test";
import { chmodSync } from "node:fs";
import { join } from "node:path";

import { Folder } from "./folder.ts";

const LITERAL = "apiKeys:\n  - name: work\n    key: sk-literal-0123456789\n    url: https://x.example\n";
const KEY = "sk-proj-0123456789abcdefghij";

test("keys add says first that a variable is not set here, and check calls the file wrong until it is", async () => {
  using folder = new Folder({ "keycycle.yaml": LITERAL });
  const args = ["keys", "add", "--key-env", "NOTSET", "--url", "https://y.example"];
  const { output, code } = await folder.run(args);
  expect(output).toContain("NOTSET: not set here");
  expect(output).not.toContain("✔");
  expect(code).toBe(0);
  expect((await folder.run(["check"])).code).toBe(2);
  const set = { env: { NOTSET: KEY } };
  expect((await folder.run(["check"], set)).code).toBe(0);
});

test.each([
  { flag: "--name", value: "${X}", says: "--name holds ${" },
  { flag: "--models", value: "a, ${X}", says: "--models holds ${" },
  { flag: "--name", value: KEY, says: "is or holds a secret, or looks like a key" },
  { flag: "--name", value: `my ${KEY}`, says: "is or holds a secret, or looks like a key" },
])("keys add $flag $value writes nothing", async ({ flag, value, says }) => {
  using folder = new Folder({ "keycycle.yaml": LITERAL });
  const { output, code } = await folder.run(["keys", "add", flag, value], { stdin: KEY });
  expect(output).toContain(says);
  expect(output).not.toContain(KEY.slice(-6));
  expect(code).toBe(2);
  expect(folder.read("keycycle.yaml")).toBe(LITERAL);
});

test("keys add warns where it puts a key into a file that others may read", async () => {
  using folder = new Folder({ "keycycle.yaml": LITERAL });
  const told = "keycycle.yaml holds keys and other users can read it: chmod 600 keycycle.yaml";
  const unseen = await folder.run(["keys", "add"], { stdin: KEY });
  expect(unseen.output).toContain("✔");
  expect(unseen.output).not.toContain(told);
  chmodSync(join(folder.path, "keycycle.yaml"), 0o644);
  const { output, code } = await folder.run(["keys", "add"], { stdin: "gsk_0123456789abcdefghijklmn" });
  expect(output).toContain(told);
  expect(code).toBe(0);
});

test("keys add serves what a block of lines in the file names, without its breaks", async () => {
  const block = `${LITERAL}    models: |+\n      a\n\n\n`;
  using folder = new Folder({ "keycycle.yaml": block });
  await folder.run(["keys", "add", "--url", "https://x.example"], { stdin: KEY });
  expect(folder.read("keycycle.yaml")).toEndWith("    models: a\n");
});

test("keys add names the position of short keys that nothing tells the provider of", async () => {
  using folder = new Folder({ "keycycle.yaml": LITERAL });
  const { output } = await folder.run(["keys", "add"], { stdin: `short-1\n${KEY}\nshort-2\n` });
  expect(output).toContain("Nothing tells whose keys the 1st of 3, the 3rd of 3 are");
});
