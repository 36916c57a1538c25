import { describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { stage } from "./harness.ts";
import { run } from "./marked.ts";

const GOOD = "apiKeys:\n  - key: sk-1\n    url: https://api.openai.com\n";
const files = { "k.yaml": GOOD };

test("a port in use is a failure that names it and the way out", async () => {
  await using it = await stage([{ secret: "sk-1" }]);
  const { port } = new URL(it.proxy.url);
  const { code, output } = await run(["serve", "--config", "k.yaml", "--port", port], { files });
  expect(output).toContain(`Cannot listen on 127.0.0.1:${port}: port ${port} is in use already`);
  expect(output).toContain("--port");
  expect(code).toBe(1);
}, 15_000);

test("an address that is not this machine's is a failure", async () => {
  const text = `${GOOD}clients: [{ name: me, token: t }]\n`;
  const args = ["serve", "--config", "k.yaml", "--port", "0", "--host", "192.0.2.1"];
  const { code, output } = await run(args, { files: { "k.yaml": text } });
  expect(output).toContain("Choose an address of this machine");
  expect(code).toBe(1);
});

describe("the config file", () => {
  test("missing", async () => {
    const { code, output } = await run(["serve", "--config", "none.yaml"]);
    expect(output).toContain("none.yaml (from --config) does not exist");
    expect(code).toBe(2);
  });

  test("missing, named by the environment", async () => {
    const { code, output } = await run(["serve"], { env: { KEYCYCLE_CONFIG: "none.yaml" } });
    expect(output).toContain("none.yaml (from KEYCYCLE_CONFIG) does not exist");
    expect(code).toBe(2);
  });

  test("a directory, a link to itself, and not UTF-8", async () => {
    const directory = mkdtempSync(join(tmpdir(), "keycycle-files-"));
    try {
      mkdirSync(join(directory, "folder"));
      symlinkSync("loop", join(directory, "loop"));
      await Bun.write(join(directory, "latin1"), new Uint8Array([0x61, 0xe9, 0x0a]));
      const outputs = await Promise.all(
        ["folder", "loop", "latin1"].map((name) => run(["serve", "--config", join(directory, name)])),
      );
      expect(outputs.map(({ code }) => code)).toEqual([2, 2, 2]);
      expect(outputs[0]?.output).toContain("is a directory, not a file");
      expect(outputs[1]?.output).toContain("is a symbolic link to itself");
      expect(outputs[2]?.output).toContain("is not UTF-8 text");
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  });

  // Root may read everything, so mode bits prove nothing there; what root cannot read is its own memory map.
  test("unreadable", async () => {
    const { code, output } = await run(["serve", "--config", "/proc/self/mem"]);
    expect(output).toContain("/proc/self/mem (from --config) ");
    expect(code).toBe(2);
  });

  test("with a missing variable says where, and what it is called", async () => {
    const text = "apiKeys:\n  - key: ${NO_SUCH_KEY}\n    url: https://api.openai.com\n";
    const { code, output } = await run(["serve", "--config", "k.yaml"], { files: { "k.yaml": text } });
    expect(output).toContain("k.yaml:2:10");
    expect(output).toContain("NO_SUCH_KEY");
    expect(output).toContain("is not set");
    expect(code).toBe(2);
  });

  test("with duplicate names says both places", async () => {
    const entry = "  - name: twin\n    key: k\n    url: https://api.openai.com\n";
    const text = `apiKeys:\n${entry}${entry}`;
    const { code, output } = await run(["serve", "--config", "k.yaml"], { files: { "k.yaml": text } });
    expect(output).toContain(
      'k.yaml:5:11  apiKeys[1].name "twin" is taken already by apiKeys[0].name (line 2',
    );
    expect(code).toBe(2);
  });

  test("with several errors shows all of them, each with its place", async () => {
    const text = "apiKeys:\n  - kye: k\n    url: nowhere\nserver:\n  prot: 80\n";
    const { code, output } = await run(["serve", "--config", "k.yaml"], { files: { "k.yaml": text } });
    expect(output).toContain('k.yaml:2:5  apiKeys[0].kye is not a setting; did you mean "key"?');
    expect(output).toContain("k.yaml:3:10");
    expect(output).toContain('k.yaml:5:3  server.prot is not a setting; did you mean "port"?');
    expect(output).toContain("3 errors in k.yaml");
    expect(code).toBe(2);
  });

  test("nowhere, and no keys in the environment: the three ways on", async () => {
    const { code, output } = await run(["serve"]);
    expect(output).toContain("keycycle init");
    expect(output).toContain("OPENAI_API_KEY=");
    expect(output).toContain("keycycle serve --demo");
    expect(code).toBe(2);
  });
});

describe("flags and commands", () => {
  test.each([
    { args: ["serve", "--prot", "80"], says: ['no flag "--prot"', 'Did you mean "--port"?'] },
    { args: ["serve", "--confg=x"], says: ['no flag "--confg"', 'Did you mean "--config"?'] },
    { args: ["serve", "-p", "80"], says: ['no flag "-p"'] },
    { args: ["serve", "--zzzzzzzz"], says: ['no flag "--zzzzzzzz"', "keycycle serve --help"] },
    { args: ["serve", "--no-colour"], says: ['no flag "--no-colour"', 'Did you mean "--no-color"?'] },
    { args: ["serve", "-"], says: ['"-" is not expected here'] },
    { args: ["--verison"], says: ['no flag "--verison"', 'Did you mean "--version"?'] },
    { args: ["--live", "check"], says: ['"--live" belongs behind the command: keycycle check --live'] },
    { args: ["keys", "--name=x", "add"], says: ["behind the command: keycycle keys add --name"] },
    { args: ["--nope", "check"], says: ['no flag "--nope"'] },
    { args: ["--verzion"], says: ['Did you mean "--version"?'] },
    { args: ["sevre"], says: ['no command "sevre"', 'Did you mean "serve"?'] },
    { args: ["frobnicate"], says: ['no command "frobnicate"', "keycycle --help"] },
    { args: ["serve", "extra"], says: ['"extra" is not expected here'] },
    { args: ["check", "k.yaml"], says: ['"k.yaml" is not expected here', '"--config k.yaml"?'] },
    { args: ["keys", "rm", "a"], says: ['no command "keys rm"', 'Did you mean "remove"?'] },
    { args: ["keys", "ls"], says: ['Did you mean "list"?'] },
    { args: ["serve", "--port"], says: ['"--port" needs a value'] },
    {
      args: ["serve", "--config", "k.yaml", "--port", "abc"],
      says: ["--port takes a whole number", '"abc"'],
    },
    { args: ["serve", "--config", "k.yaml", "--port", "70000"], says: ["from 0 to 65535"] },
    { args: ["serve", "--config", "k.yaml", "--port=-1"], says: ["from 0 to 65535"] },
    { args: ["serve", "--config", "k.yaml", "--port="], says: ['"--port" needs a value'] },
    { args: ["serve", "--config", ""], says: ['"--config" needs a value'] },
    { args: ["init", "--output", ""], says: ['"--output" needs a value', "keycycle init --help"] },
    { args: ["serve", "--demo=banana"], says: ['"--demo" takes no value'] },
    { args: ["help", "inti"], says: ['no command "inti"', 'Did you mean "init"?'] },
    { args: ["help", "nope"], says: ['no command "nope"', "keycycle --help"] },
    {
      args: ["serve", "--config", "k.yaml", "--log-level", "loud"],
      says: ["debug, info, warn, error, silent"],
    },
    {
      args: ["serve", "--config", "k.yaml", "--host", "0.0.0.0"],
      says: ["server.host is 0.0.0.0", "clients:", "allowAnonymous"],
    },
    { args: ["serve", "--config", "k.yaml", "--host", "::"], says: ["server.host is ::", "clients:"] },
    { args: ["serve", "--config", "k.yaml", "--host", "http://x"], says: ["--host"] },
  ])("keycycle $args is refused and says why", async ({ args, says }) => {
    const { code, output } = await run(args, { files });
    for (const words of says) expect(output).toContain(words);
    expect(code).toBe(2);
  });

  test("the demo on an address that others reach is refused too, and ends", async () => {
    const { code, output } = await run(["serve", "--demo", "--host", "0.0.0.0"]);
    expect(output).toContain("server.host is 0.0.0.0");
    expect(code).toBe(2);
  });

  test.each([
    { args: ["help"], says: "Commands" },
    { args: [], says: "keycycle <command>" },
    { args: ["help", "init"], says: "--output" },
    { args: ["--help", "serve"], says: "--port" },
  ])("keycycle $args helps", async ({ args, says }) => {
    const { code, output } = await run(args);
    expect(output).toContain(says);
    expect(code).toBe(0);
  });

  test("init does not overwrite a file", async () => {
    const { code, output } = await run(["init", "--example", "--output", "k.yaml"], { files });
    expect(output).toContain("k.yaml is there already and was left as it is");
    expect(code).toBe(1);
  });

  test("init in a folder that does not exist says so", async () => {
    const { code, output } = await run(["init", "--example", "--output", "none/k.yaml"]);
    expect(output).toContain("none");
    expect(output).not.toContain("    at ");
    expect(code).toBe(2);
  });
});
