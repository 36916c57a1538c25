import { describe, expect, test } from "bun:test";

import { chmodSync } from "node:fs";
import { join } from "node:path";

import { Simulator } from "../../src/demo/simulator.ts";
import { Folder } from "./folder.ts";
import { CHAT, Proxy } from "./harness.ts";

const OPENAI_KEY = "sk-proj-0123456789abcdefghij";
const GROQ_KEY = "gsk_0123456789abcdefghijklmn";

const LITELLM = `model_list:
  - model_name: gpt-4o
    litellm_params: { model: openai/gpt-4o, api_key: os.environ/OPENAI_KEY_A }
  - model_name: smart
    litellm_params:
      model: anthropic/claude-opus-4-5
      api_key: os.environ/ANTHROPIC_API_KEY
      rpm: 50
  - model_name: vertex
    litellm_params: { model: vertex_ai/gemini-pro }
`;

describe("init without a terminal", () => {
  test("takes the keys of the environment and .env, and says what comes next", async () => {
    using folder = new Folder({ ".env": `GROQ_API_KEY=${GROQ_KEY}\n`, ".git/HEAD": "x" });
    const { code, output } = await folder.run(["init", "--offline", "--client", "laptop", "--port", "4000"], {
      env: { OPENAI_API_KEYS: `${OPENAI_KEY},${OPENAI_KEY}x` },
    });
    expect(output).toContain("Wrote keycycle.yaml, .env (KEYCYCLE_TOKEN_LAPTOP), .gitignore.");
    expect(output).toEndWith("Next: keycycle serve\n");
    expect(output).not.toMatch(/0123456789|kc-/);
    const yaml = folder.read("keycycle.yaml");
    expect(yaml).toContain("  - key: ${GROQ_API_KEY}\n    url: https://api.groq.com/openai\n");
    expect(yaml).toContain('  - keys: ["${OPENAI_API_KEYS}"]\n    url: https://api.openai.com\n');
    expect(yaml).toContain("  - name: laptop\n    token: ${KEYCYCLE_TOKEN_LAPTOP}");
    expect(yaml).toContain("\nserver:\n  port: 4000\n");
    expect(code).toBe(0);
    expect((await folder.run(["check"], { env: { OPENAI_API_KEYS: OPENAI_KEY } })).code).toBe(0);
  });

  test("keys that were in .env are kept out of git, and for their owner only", async () => {
    using folder = new Folder({
      ".env": `GROQ_API_KEY=${GROQ_KEY}\r\n`,
      ".git/HEAD": "x",
      ".gitignore": "a\r\n",
    });
    chmodSync(join(folder.path, ".env"), 0o644);
    const { output } = await folder.run(["init", "--offline", "--yes"]);
    expect(output).toContain("Wrote keycycle.yaml, .env (for its owner only now), .gitignore.");
    expect(folder.read(".env")).toBe(`GROQ_API_KEY=${GROQ_KEY}\r\n`);
    expect(folder.read(".gitignore")).toBe("a\r\n.env\r\n");
    expect(folder.mode(".env")).toBe(0o600);
  });

  test("a .env that has nothing to do with it is left alone", async () => {
    using folder = new Folder({ ".env": "COLOUR=blue\n", ".git/HEAD": "x" });
    chmodSync(join(folder.path, ".env"), 0o644);
    const args = ["init", "--offline", "--key-env", "GROQ_API_KEY"];
    expect((await folder.run(args, { env: { GROQ_API_KEY: GROQ_KEY } })).code).toBe(0);
    expect([folder.mode(".env"), folder.has(".gitignore")]).toEqual([0o644, false]);
  });

  test("what it writes serves: keys from standard input, kept in the file", async () => {
    const simulator = Simulator.start({ keys: [{ secret: "sk-one-0123456789" }] });
    using folder = new Folder();
    const args = ["init", "--import", "-", "--url", simulator.url, "--store", "file", "--output", "k.yaml"];
    const { output } = await folder.run(args, { stdin: "sk-one-0123456789 # mine\n" });
    expect(output).toContain("accepted");
    expect(output).toEndWith("Next: keycycle serve --config k.yaml\n");
    const proxy = await Proxy.start(folder.read("k.yaml"));
    expect((await proxy.post("/v1/chat/completions", CHAT)).status).toBe(200);
    await proxy.stop();
    await simulator.stop();
  });

  test("goes on where no provider is reached", async () => {
    using folder = new Folder();
    const args = ["init", "--key-env", "MY_KEY", "--url", "http://127.0.0.1:9"];
    const { code, output } = await folder.run(args, { env: { MY_KEY: OPENAI_KEY } });
    expect(output).toContain("No provider was reached");
    expect(folder.has("keycycle.yaml")).toBe(true);
    expect(code).toBe(0);
  });

  test("imports LiteLLM's model_list, and says what it leaves out", async () => {
    using folder = new Folder({ "litellm.yaml": LITELLM });
    const { code, output } = await folder.run(["init", "--offline", "--import", "litellm.yaml"]);
    expect(output).toContain("litellm.yaml: a LiteLLM configuration with 2 keys.");
    expect(output).toContain(
      "model_list[2] is left out: it is of a provider that KeyCycle does not speak to.",
    );
    expect(output).toContain("OPENAI_KEY_A, ANTHROPIC_API_KEY: not set here.");
    const yaml = folder.read("keycycle.yaml");
    expect(yaml).toContain(
      "  - key: ${OPENAI_KEY_A}\n    url: https://api.openai.com\n    models: [gpt-4o]\n",
    );
    expect(yaml).toContain("    models: [claude-opus-4-5]\n");
    expect(yaml).toContain("\naliases:\n  smart: claude-opus-4-5\n");
    expect(code).toBe(0);
  });

  test("a configuration that is there stays, unless --replace says otherwise", async () => {
    using folder = new Folder({ "keycycle.yaml": "# mine\n" });
    const args = ["init", "--offline", "--key-env", "OPENAI_API_KEY"];
    const refused = await folder.run(args);
    expect(refused.output).toContain("- # mine");
    expect(refused.output).toContain("keycycle.yaml is there already and was left as it is.");
    expect(folder.read("keycycle.yaml")).toBe("# mine\n");
    expect(refused.code).toBe(1);
    expect((await folder.run([...args, "--replace"])).code).toBe(0);
    expect(folder.read("keycycle.yaml")).toContain("${OPENAI_API_KEY}");
    expect(folder.mode("keycycle.yaml")).toBe(0o600);
  });

  test.each([
    ["dd", "dd: this is a folder; write --output dd/keycycle.yaml."],
    ["dd/", "dd/: this is a folder; write --output dd/keycycle.yaml."],
    ["new/", "new/: this is a folder; write --output new/keycycle.yaml."],
    [".", ".: this is a folder; write --output ./keycycle.yaml."],
    ["new/k.yaml", "new/k.yaml: its folder does not exist"],
    ["/proc/k.yaml", "/proc/k.yaml: this user may not write there"],
    ["/dev/null", "/dev/null: this is no file that could be replaced"],
    ["x.json", "write --output x.yaml."],
  ])("--output %s is refused before anything else", async (output, says) => {
    using folder = new Folder({ "dd/x": "" });
    const tellsNothing = ["--yes", "--key-env", "NO VARIABLE"];
    for (const flags of [tellsNothing, ["--example"]]) {
      const ended = await folder.run(["init", "--output", output, ...flags]);
      expect(ended.output).toContain(says);
      expect(ended.code).toBe(2);
    }
  });

  test("the next command is one that works", async () => {
    using folder = new Folder();
    expect((await folder.run(["init", "--example"])).output).toEndWith("Then: keycycle check\n");
    const args = ["init", "--output", "k.yaml", "--key-env", "K", "--provider", "openai", "--offline"];
    expect((await folder.run(args)).stdout).toEndWith("Then: keycycle serve --config k.yaml\n");
  });

  test("what stands in the way of one file is said, and none is written", async () => {
    using folder = new Folder({ ".env/x": "" });
    const { code, output } = await folder.run(["init", "--offline", "--import", "-"], { stdin: OPENAI_KEY });
    expect(output).toContain(".env is a directory, not a file, so nothing was written.");
    expect(folder.has("keycycle.yaml")).toBe(false);
    expect(code).toBe(1);
  });

  test.each([
    { args: ["--yes"], says: "There are no keys to write a configuration of." },
    { args: ["--import", "none.txt"], says: "none.txt does not exist." },
    { args: ["--import", "keys.txt"], says: "Nothing tells whose key …wxyz is: name the provider" },
    { args: ["--import", "more.txt"], says: "Nothing tells whose keys …wxy1, …wxy2, …wxy3 and 1 more are:" },
    { args: ["--key-env", "NOPE"], says: "${NOPE}: not set here, so nothing tells whose key it is." },
    { args: ["--key-env", "K", "--provider", "azure"], says: "--provider azure needs --url too" },
    { args: ["--key-env", "SPACED"], says: "What SPACED is set to holds a character that no key has" },
    { args: ["--key-env", "A", "--client", "a\u200B"], says: "--client holds a character" },
    { args: ["--key-env", "A", "--host", "0.0.0.0"], says: "name who may use the proxy with --client" },
    { args: ["--key-env", "A", "--client", "a,a"], says: "each once" },
    { args: ["--key-env", "A", "--port", "http"], says: "--port takes a whole number" },
  ])("init $args is refused and writes nothing", async ({ args, says }) => {
    using folder = new Folder({
      "keys.txt": "0123456789abcdef0123wxyz\n",
      "more.txt": [1, 2, 3, 4].map((number) => `0123456789abcdef0123wxy${number}`).join("\n"),
    });
    const env = { K: OPENAI_KEY, SPACED: "“0123456789”" };
    const { code, output } = await folder.run(["init", ...args], { env });
    expect(output).toContain(says);
    expect(output).not.toContain("0123456789");
    expect(folder.has("keycycle.yaml")).toBe(false);
    expect(code).toBe(2);
  });
});
