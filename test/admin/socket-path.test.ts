import { expect, test } from "bun:test";
import { dirname } from "node:path";

import { ownFolder, socketPath } from "../../src/admin/socket-path.ts";

const FILE = { kind: "file", path: "/etc/keycycle/keycycle.yaml" } as const;
const MEMORY = { kind: "memory" } as const;

test("the socket stands beside the state file", () => {
  const state = { kind: "file", path: "/var/lib/keycycle/keycycle.db" } as const;
  expect(socketPath({ source: FILE, state })).toBe("/var/lib/keycycle/keycycle.db.sock");
});

test("a path that no socket may have, in bytes, gives way to a short one that is the same each time", () => {
  const state = { kind: "file", path: `/${"é".repeat(50)}/k.db` } as const;
  const path = socketPath({ source: FILE, state });
  expect(dirname(path)).toBe(ownFolder());
  expect(Buffer.byteLength(path)).toBeLessThan(104);
  expect(socketPath({ source: FILE, state })).toBe(path);
});

test("without a state file, each configuration has its own", () => {
  const sources = [FILE, { ...FILE, path: "/other.yaml" }, { kind: "demo" } as const];
  const paths = sources.map((source) => socketPath({ source, state: MEMORY }));
  expect(new Set(paths).size).toBe(3);
  expect(paths.map((path) => dirname(path))).toEqual([ownFolder(), ownFolder(), ownFolder()]);
});

test("the variables that hold keys do not matter, since whoever asks may have others", () => {
  const variables = ["OPENAI_API_KEY"];
  const environment = (names: string[]) =>
    socketPath({ source: { kind: "environment", variables: names }, state: MEMORY });
  expect(environment(variables)).toBe(environment([]));
});
