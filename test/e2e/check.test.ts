import { describe, expect, test } from "bun:test";

import { Folder } from "./folder.ts";

const YAML = `apiKeys:
  - name: work
    key: sk-0123456789abcdef
    url: https://api.openai.com
    models: [gpt-4o]
  - name: again
    key: sk-0123456789abcdef
    url: https://api.openai.com
    models: ["gpt-*"]
aliases: { fast: claude-x }
clients: [{ name: me, token: tok-0123456789, models: [fast, other] }]
`;

describe("check", () => {
  test("says that a configuration is right, how it is understood and what may not be meant", async () => {
    using folder = new Folder({ "keycycle.yaml": YAML });
    const { code, stdout, output } = await folder.run(["check"]);
    expect(output).toContain("keycycle.yaml is right: 2 keys, 1 alias, 1 client.");
    expect(stdout).toMatch(/^gpt-4o +work$/m);
    expect(output).toContain("work and again are the same key");
    expect(output).toContain("aliases.fast: no key serves anything that it stands for");
    expect(output).toContain('again does not serve "gpt-4o"');
    expect(output).toContain('client me may ask for "other", which no key serves');
    expect(output).not.toContain("0123456789");
    expect(code).toBe(0);
  });

  test("says the same to programs", async () => {
    using folder = new Folder({ "keycycle.yaml": YAML });
    const { code, stdout, stderr } = await folder.run(["check", "--json"]);
    const told = JSON.parse(stdout);
    expect(told).toMatchObject({
      ok: true,
      keys: [{ name: "work", provider: "openai" }, { name: "again" }],
      models: [
        { model: "gpt-4o", routes: [{ tiers: [["work"]] }], passedOver: ["again"] },
        { model: "gpt-*", routes: [{ tiers: [["again"]] }] },
      ],
      aliases: [{ name: "fast", models: ["claude-x"] }],
      clients: [{ name: "me" }],
    });
    expect(told.warnings).toHaveLength(4);
    expect(stdout).not.toContain("0123456789");
    expect(stderr).toBe("");
    expect(code).toBe(0);
  });

  test("of the environment", async () => {
    using folder = new Folder();
    const { code, output } = await folder.run(["check"], { env: { OPENAI_API_KEYS: "sk-one,sk-two" } });
    expect(output).toContain("The environment is right: 2 keys");
    expect(code).toBe(0);
  });

  test("of nothing says what to do, to programs too", async () => {
    using folder = new Folder();
    const [plain, json] = await Promise.all([folder.run(["check"]), folder.run(["check", "--json"])]);
    expect(plain.output).toContain("keycycle init");
    expect(JSON.parse(json.stdout)).toMatchObject({ ok: false, code: "config/none-found" });
    expect([plain.code, json.code]).toEqual([2, 2]);
  });
});

describe("colours", () => {
  const escape = "\u001B[";

  test.each([
    ["a pipe", {}, [], false],
    ["FORCE_COLOR", { FORCE_COLOR: "1" }, [], true],
    ["NO_COLOR beside it", { FORCE_COLOR: "1", NO_COLOR: "1" }, [], false],
    ["--no-color beside it", { FORCE_COLOR: "1" }, ["--no-color"], false],
    ["CI, whatever it is", { CI: "true", GITHUB_ACTIONS: "true" }, [], false],
  ] as const)("%s", async (_, env, flags, coloured) => {
    using folder = new Folder({ "keycycle.yaml": YAML });
    const [check, help, version] = await Promise.all([
      folder.run(["check", ...flags], { env }),
      folder.run([...flags, "--help"], { env }),
      folder.run([...flags, "--version"], { env }),
    ]);
    expect([check.stdout.includes(escape), help.stdout.includes(escape)]).toEqual([coloured, coloured]);
    expect(version.stdout).toMatch(/^\d+\.\d+\.\d+ \(commit \w+, Bun \d/);
    expect(check.output + help.output).not.toContain("Warning");
  });
});
