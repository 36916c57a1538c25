import { beforeEach, describe, expect, test } from "bun:test";
import { chmodSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { locateConfig } from "../../src/config/locate.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const folder = temporaryFolder();
const cwd = join(folder, "work");
const home = join(folder, "home");

beforeEach(() => {
  rmSync(cwd, { recursive: true, force: true });
  rmSync(home, { recursive: true, force: true });
  mkdirSync(cwd);
  mkdirSync(join(home, ".config/keycycle"), { recursive: true });
});

function located(given: { explicitPath?: string; env?: Record<string, string> } = {}): string | undefined {
  const env = { HOME: home, ...given.env };
  return locateConfig({ explicitPath: given.explicitPath, env, cwd })?.path;
}

function write(path: string, text = "apiKeys: []"): string {
  writeFileSync(path, text);
  return path;
}

test("the places are tried in order", () => {
  expect(located()).toBeUndefined();
  const places = [
    "../home/.config/keycycle/keycycle.yaml",
    "config.json",
    "keycycle.json",
    "keycycle.yml",
    "keycycle.yaml",
  ];
  for (const place of places) {
    const path = write(join(cwd, place));
    expect(located()).toBe(path);
  }
  const fromEnv = write(join(folder, "env.yaml"));
  expect(located({ env: { KEYCYCLE_CONFIG: fromEnv } })).toBe(fromEnv);
  const explicit = write(join(cwd, "explicit.yaml"));
  expect(located({ explicitPath: "explicit.yaml", env: { KEYCYCLE_CONFIG: fromEnv } })).toBe(explicit);
});

test("XDG_CONFIG_HOME replaces ~/.config", () => {
  mkdirSync(join(home, "xdg/keycycle"), { recursive: true });
  const path = write(join(home, "xdg/keycycle/keycycle.yaml"));
  expect(located({ env: { XDG_CONFIG_HOME: join(home, "xdg") } })).toBe(path);
});

test("a config.json of another program is passed over", () => {
  write(join(cwd, "config.json"), '{"port": 80}');
  expect(located()).toBeUndefined();
});

describe("a named file that cannot be read is an error that says why", () => {
  test("missing", () => {
    expect(() => located({ explicitPath: "nope.yaml" })).toThrow(
      `${join(cwd, "nope.yaml")} (from --config) does not exist`,
    );
    expect(() => located({ env: { KEYCYCLE_CONFIG: "nope.yaml" } })).toThrow(
      "(from KEYCYCLE_CONFIG) does not exist",
    );
  });

  test("a directory", () => {
    expect(() => located({ explicitPath: "." })).toThrow("is a directory, not a file");
  });

  test.each([
    ["Latin-1", Buffer.from("# \uFFFD\nname: Zo"), "\xeb", "x.yaml:2:9  this file is not UTF-8 text"],
    ["UTF-16", Buffer.from("\uFEFFname: a", "utf16le"), "", "x.yaml:1:1  this file is text in UTF-16"],
    [
      "UTF-16 without a mark",
      Buffer.from("name: a", "utf16le"),
      "",
      "x.yaml:1:1  this file is text in UTF-16",
    ],
    [
      "UTF-16BE without a mark",
      Buffer.from("name: a", "utf16le").swap16(),
      "",
      "x.yaml:1:1  this file is text in UTF-16",
    ],
  ])("not text: %s", (_, begins, ends, says) => {
    writeFileSync(join(cwd, "x.yaml"), Buffer.concat([begins, Buffer.from(ends, "latin1")]));
    expect(() => located({ explicitPath: "x.yaml" })).toThrow(
      `${says}\n      = save it in the encoding UTF-8`,
    );
  });

  test("not permitted", () => {
    chmodSync(write(join(cwd, "x.yaml")), 0o000);
    chmodSync(cwd, 0o755);
    const locate = join(import.meta.dir, "../../src/config/locate.ts");
    // Root may read anything, so the question is asked by somebody else.
    const code = `
      if (process.getuid() === 0) process.setuid(65534);
      const { locateConfig } = require(${JSON.stringify(locate)});
      try { locateConfig({ explicitPath: "x.yaml", env: {}, cwd: ${JSON.stringify(cwd)} }); } catch (error) { console.log(error.message); }`;
    const child = Bun.spawnSync([process.execPath, "-e", code], { stderr: "ignore" });
    expect(child.stdout.toString()).toContain("may not be read by this user");
  });

  test("with a stable code", () => {
    expect(() => located({ explicitPath: "nope.yaml" })).toThrow(
      expect.objectContaining({ code: "config/unreadable" }),
    );
  });
});
