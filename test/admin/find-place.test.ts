import { expect, test } from "bun:test";
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { findPlace } from "../../src/admin/find-place.ts";

const KEYS = "apiKeys: [{ key: '${NOT_SET}', url: https://api.openai.com }]\n";

function stateIn(name: string, text: string): unknown {
  const cwd = realpathSync(mkdtempSync(join(tmpdir(), "keycycle-place-")));
  try {
    writeFileSync(join(cwd, name), text);
    const { state } = findPlace({ explicitPath: name, env: { PLACE: "from-env.db" }, cwd }, false);
    return state.kind === "file" ? state.path.replace(`${cwd}/`, "") : state.kind;
  } finally {
    rmSync(cwd, { recursive: true });
  }
}

test.each([
  ["the default", "k.yaml", KEYS, "keycycle.db"],
  ["a path", "k.yaml", `${KEYS}state: ./other.db\n`, "other.db"],
  ["memory", "k.yaml", `${KEYS}state: memory\n`, "memory"],
  ["a variable", "k.yaml", `${KEYS}state: ./\${PLACE}\n`, "from-env.db"],
  ["JSON with comments", "k.json", '{ // mine\n "apiKeys": [], "state": "./j.db", }', "j.db"],
  ["a byte order mark", "k.yaml", "\uFEFFstate: ./b.db\n", "b.db"],
  ["a file that is no configuration any more", "k.yaml", "- [oops\n", "keycycle.db"],
  ["nothing at all", "k.yaml", "", "keycycle.db"],
])("%s", (_, name, text, expected) => {
  expect(stateIn(name, text)).toBe(expected);
});

test("the demo and the environment have no file", () => {
  const options = { explicitPath: undefined, env: { HOME: "/nowhere" }, cwd: "/" };
  expect(findPlace(options, true)).toEqual({ source: { kind: "demo" }, state: { kind: "memory" } });
  expect(findPlace(options, false).source.kind).toBe("environment");
});
