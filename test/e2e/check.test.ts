import { describe, expect, test } from "bun:test";

import { Simulator } from "../../src/demo/simulator.ts";
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

  test("of a slip that is made a hundred times, tells a part, and all to programs", async () => {
    const entries = Array.from({ length: 100 }, (_, at) => {
      return `  - { name: k${at}, key: key-${at}, url: "https://x.example", models: [m-${at}, "*"] }\n`;
    });
    using folder = new Folder({ "keycycle.yaml": `apiKeys:\n${entries.join("")}` });
    const [plain, json] = await Promise.all([folder.run(["check"]), folder.run(["check", "--json"])]);
    expect(plain.stderr).toContain('k1, k2, k3, k4 and 95 more do not serve "m-0"');
    expect(plain.stderr.match(/WARN/g)).toHaveLength(41);
    expect(plain.stderr).toContain("And 60 more, which keycycle check --json tells.");
    expect(JSON.parse(json.stdout).warnings).toHaveLength(100);
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

describe("check --live", () => {
  const secrets = { good: "sk-good-0123456789", revoked: "sk-revoked-0123456789" };

  test("asks each key's provider for free, shows state and models, and ends with 1 where one does not work", async () => {
    const simulator = Simulator.start({
      keys: [
        { secret: secrets.good, models: ["gpt-4o", "gpt-4o-mini"] },
        { secret: secrets.revoked, fault: { kind: "dead" } },
      ],
    });
    try {
      const entry = (name: string, key: string, url: string, more = "") =>
        `  - { name: ${name}, key: ${key}, url: "${url}"${more} }\n`;
      using folder = new Folder({
        "keycycle.yaml": `apiKeys:\n${[
          entry("good", secrets.good, simulator.url, ", models: [gpt-4o, gpt-5, others]"),
          entry("claude", secrets.good, simulator.url, ", provider: anthropic"),
          entry("google", secrets.good, simulator.url, ", provider: gemini"),
          entry("revoked", secrets.revoked, simulator.url),
          entry("away", secrets.good, "http://127.0.0.1:1"),
        ].join("")}`,
      });
      const { code, stdout, output } = await folder.run(["check", "--live"]);
      const live = stdout.slice(stdout.indexOf("Live"));
      expect(live).toMatch(/^good +accepted +2 models, not gpt-5$/m);
      expect(live).toMatch(/^claude +accepted +2 models$/m);
      expect(live).toMatch(/^google +accepted +2 models$/m);
      expect(live).toMatch(/^revoked +refused \(authentication_error\)$/m);
      expect(live).toMatch(/^away +not reached \(ECONNREFUSED\)$/m);
      expect(output).not.toContain("0123456789");
      expect(code).toBe(1);
      expect(simulator.requests.every(({ method }) => method === "GET")).toBe(true);

      const json = await folder.run(["check", "--live", "--json"]);
      expect(JSON.parse(json.stdout).live).toMatchObject([
        { name: "good", state: "accepted", models: ["gpt-4o", "gpt-4o-mini"], unlisted: ["gpt-5"] },
        { name: "claude", state: "accepted" },
        { name: "google", state: "accepted" },
        { name: "revoked", state: "refused", reason: "authentication_error" },
        { name: "away", state: "unreached" },
      ]);
      expect(json.code).toBe(1);
    } finally {
      await simulator.stop();
    }
  });

  test("tells what is spent, limited, failing and no provider at all from what is refused", async () => {
    const answers: Record<string, () => Response> = {
      spent: () => Response.json({ error: { code: "insufficient_quota", message: "" } }, { status: 429 }),
      limited: () => Response.json({ error: { code: "rate_limit_exceeded", message: "" } }, { status: 429 }),
      failing: () => new Response("", { status: 500 }),
      page: () => new Response("<html>log in</html>", { headers: { "content-type": "text/html" } }),
    };
    using server = Bun.serve({
      port: 0,
      fetch(request) {
        const secret = request.headers.get("authorization")?.replace("Bearer ", "") ?? "";
        return answers[secret]?.() ?? new Response("", { status: 401 });
      },
    });
    const entries = Object.keys(answers).map(
      (name) =>
        `  - { name: ${name}, key: ${name}, provider: openai, url: "http://127.0.0.1:${server.port}" }\n`,
    );
    using folder = new Folder({ "keycycle.yaml": `apiKeys:\n${entries.join("")}` });
    const { code, stdout } = await folder.run(["check", "--live"]);
    expect(stdout).toMatch(/^spent +spent \(insufficient_quota\)$/m);
    expect(stdout).toMatch(/^limited +limited$/m);
    expect(stdout).toMatch(/^failing +failing \(HTTP 500\)$/m);
    expect(stdout).toMatch(/^page +no provider there \(answered with no list of models\)$/m);
    expect(code).toBe(1);
    const json = await folder.run(["check", "--live", "--json"]);
    expect(JSON.parse(json.stdout)).toMatchObject({
      ok: false,
      errors: [],
      live: [{ state: "spent" }, {}, {}, {}],
    });
    expect(json.code).toBe(1);
  });

  test("where a list is open to everyone, does not take it for a word on the key", async () => {
    const open = Bun.serve({ port: 0, fetch: () => Response.json({ data: [{ id: "llama" }] }) });
    try {
      using folder = new Folder({
        "keycycle.yaml": `apiKeys: [{ name: local, key: none, url: "http://127.0.0.1:${open.port}/v1" }]\n`,
      });
      const { code, stdout } = await folder.run(["check", "--live"]);
      expect(stdout).toMatch(/^local +not told for free +1 model$/m);
      expect(code).toBe(0);
    } finally {
      await open.stop(true);
    }
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
