import { describe, expect, test } from "bun:test";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { NO_LIMITS } from "../../src/config/config.ts";
import { checkExposure } from "../../src/config/exposure.ts";
import { loadConfig } from "../../src/config/load.ts";
import { ONE_KEY, configOf } from "./parse-text.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const folder = temporaryFolder();
let folders = 0;

/** A new working directory with these files, private to their owner. */
function workIn(files: Record<string, string>): string {
  const cwd = join(folder, String(++folders));
  mkdirSync(cwd);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(cwd, name), text, { mode: 0o600 });
  return cwd;
}

function load(cwd: string, env: Record<string, string> = {}) {
  return loadConfig({ explicitPath: undefined, env: { HOME: folder, ...env }, cwd });
}

test("from the root folder the places that were looked at are whole paths", () => {
  const message = expect.stringContaining("(/keycycle.yaml, /keycycle.yml");
  expect(() => load("/")).toThrow(expect.objectContaining({ message }));
});

test("a file and its keys file are loaded and to be watched", () => {
  const cwd = workIn({
    "keycycle.yaml": "apiKeys: [{ keysFile: ./keys.txt, url: https://x.example }]",
    "keys.txt": "k-1\nk-2\n",
  });
  const { config, warnings, watchedFiles } = load(cwd);
  expect(config.keys.map((key) => key.secret)).toEqual(["k-1", "k-2"]);
  expect(config.source).toEqual({ kind: "file", path: join(cwd, "keycycle.yaml") });
  expect(warnings).toEqual([]);
  expect(watchedFiles).toEqual([join(cwd, "keycycle.yaml"), join(cwd, "keys.txt")]);
});

describe("the state file", () => {
  const stateOf = (state: string) => {
    const cwd = workIn({ "keycycle.yaml": `${ONE_KEY}${state}` });
    return { cwd, state: load(cwd).config.state };
  };

  test("stands beside the configuration by default", () => {
    const { cwd, state } = stateOf("");
    expect(state).toEqual({ kind: "file", path: join(cwd, "keycycle.db") });
  });

  test("is found from the configuration's folder, wherever KeyCycle was started", () => {
    const { cwd, state } = stateOf("state: ../elsewhere/my.db\n");
    expect(state).toEqual({ kind: "file", path: join(cwd, "../elsewhere/my.db") });
  });

  test("may be none", () => {
    expect(stateOf("state: memory\n").state).toEqual({ kind: "memory" });
  });

  test("is not one that holds the keys", () => {
    const told = (name: string) =>
      expect.objectContaining({
        code: "config/invalid",
        message: expect.stringContaining(`state names ${name}, which`),
      });
    expect(() => stateOf("state: keycycle.yaml\n")).toThrow(told("keycycle.yaml"));
    const cwd = workIn({
      "keycycle.yaml": "state: keys.txt\napiKeys: [{ keysFile: ./keys.txt, url: https://x.example }]",
      "keys.txt": "k-1\n",
    });
    expect(() => load(cwd)).toThrow(told("keys.txt"));
  });
});

test("a broken file is one error with all that is wrong", () => {
  const cwd = workIn({
    "keycycle.yaml":
      "server: { prot: 1 }\nlog: { levle: info }\napiKeys: [{ key: k, url: https://x.example }]",
  });
  expect(() => load(cwd)).toThrow(
    expect.objectContaining({
      name: "KeyCycleError",
      code: "config/invalid",
      message: expect.stringMatching(
        /^keycycle\.yaml:1:11 {2}[^]*keycycle\.yaml:2:8 {2}[^]*\n2 errors in keycycle\.yaml$/,
      ),
    }),
  );
});

describe("the .env beside the configuration", () => {
  const yaml = 'apiKeys: [{ key: "${A}", url: https://x.example }]';

  test("gives what the environment does not have, wherever KeyCycle was started, and is watched", () => {
    const home = workIn({ "keycycle.yaml": yaml, ".env": "A=k-1\n" });
    const elsewhere = workIn({});
    const loaded = loadConfig({ explicitPath: join(home, "keycycle.yaml"), env: {}, cwd: elsewhere });
    expect(loaded.config.keys[0]?.secret).toBe("k-1");
    expect(loaded.watchedFiles).toEqual([join(home, "keycycle.yaml"), join(home, ".env")]);
  });

  test("gives way to the environment", () => {
    const cwd = workIn({ "keycycle.yaml": yaml, ".env": "A=k-1\n" });
    expect(load(cwd, { A: "k-2" }).config.keys[0]?.secret).toBe("k-2");
  });
});

describe("a file that others can read", () => {
  test("is warned of where it holds keys", () => {
    const cwd = workIn({ "keycycle.yaml": ONE_KEY });
    chmodSync(join(cwd, "keycycle.yaml"), 0o644);
    expect(load(cwd).warnings).toEqual([
      "keycycle.yaml holds keys and other users can read it: chmod 600 keycycle.yaml",
    ]);
  });

  test("is fine where its keys come from the environment", () => {
    const cwd = workIn({ "keycycle.yaml": "apiKeys:\n  - key: ${K}\n    url: https://x.example\n" });
    chmodSync(join(cwd, "keycycle.yaml"), 0o644);
    expect(load(cwd, { K: "k-1" }).warnings).toEqual([]);
  });
});

describe("without a file", () => {
  test("the keys in the environment serve", () => {
    const env = {
      OPENAI_API_KEYS: "k-1, k-2\nk-3",
      OPENAI_API_KEY: "k-1",
      GROQ_API_KEY: "k-4",
      XAI_API_KEY: " ",
    };
    const { config, watchedFiles } = load(workIn({}), env);
    expect(config.source).toEqual({
      kind: "environment",
      variables: ["OPENAI_API_KEYS", "OPENAI_API_KEY", "GROQ_API_KEY"],
    });
    expect(config.keys.map(({ name, secret, url }) => [name, secret, url])).toEqual([
      ["openai-1", "k-1", "https://api.openai.com"],
      ["openai-2", "k-2", "https://api.openai.com"],
      ["openai-3", "k-3", "https://api.openai.com"],
      ["groq-1", "k-4", "https://api.groq.com/openai"],
    ]);
    expect(config.keys[0]?.models).toContain("gpt-*");
    expect(config.keys[0]?.models).toContain("others");
    expect(config.keys[3]?.models).toEqual(["others"]);
    expect(config.keys.map((key) => key.limits)).toEqual(config.keys.map(() => NO_LIMITS));
    expect(config.server.port).toBe(3456);
    expect(config.state).toEqual({ kind: "memory" });
    expect(config.rotation).toMatchObject({ strategy: "headroom", maxWaitMs: 15_000, maxQueue: 1_000 });
    expect(watchedFiles).toEqual([]);
  });

  test("a key that is none is told by variable and position", () => {
    expect(() => load(workIn({}), { MISTRAL_API_KEYS: "good,“bad”" })).toThrow(
      "MISTRAL_API_KEYS: key 2 holds a character",
    );
  });

  test("and without keys, it is said where they were looked for", () => {
    const message = expect.stringMatching(/config\.json[^]*OPENAI_API_KEYS/);
    expect(() => load(workIn({}))).toThrow(expect.objectContaining({ code: "config/none-found", message }));
  });
});

test.each([
  ["127.0.0.1", "", true],
  ["localhost", "", true],
  ["'[::1]'", "", true],
  ["0.0.0.0", "", false],
  ["0.0.0.0", "allowAnonymous: true", true],
])("host %s with %p and no clients: %p", (host, more, fine) => {
  const config = configOf(`${ONE_KEY}server: { host: ${host}, ${more} }`);
  expect(checkExposure(config) === undefined).toBe(fine);
});

test("a host beyond loopback is fine with clients", () => {
  const config = configOf(`${ONE_KEY}server: { host: 0.0.0.0 }\nclients: [{ token: t }]`);
  expect(checkExposure(config)).toBeUndefined();
});
