import { describe, expect, test } from "bun:test";
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { Folder } from "./folder.ts";

const OPENAI_KEY = "sk-proj-0123456789abcdefghij";
const GROQ_KEY = "gsk_0123456789abcdefghijklmn";

const YAML = `# my keys
apiKeys:
  - name: work # do not touch
    key: sk-literal-0123456789
    url: https://api.openai.com
    models: ["gpt-*", others]

# the end
`;

describe("keys add", () => {
  test("takes keys from standard input, each to its provider, and keeps the rest of the file", async () => {
    using folder = new Folder({ "keycycle.yaml": YAML });
    const { code, output } = await folder.run(["keys", "add"], {
      stdin: `${OPENAI_KEY}\n${GROQ_KEY} # mine\n`,
    });
    expect(output).toContain("Put openai-2 into keycycle.yaml, for https://api.openai.com.");
    expect(output).toContain("Put groq-1 into keycycle.yaml, for https://api.groq.com/openai.");
    expect(output).not.toContain(OPENAI_KEY.slice(8));
    expect(folder.read("keycycle.yaml")).toBe(
      YAML.replace(
        "others]\n",
        `others]\n  - key: ${OPENAI_KEY}\n    url: https://api.openai.com\n    models: [gpt-*, others]\n  - key: ${GROQ_KEY}\n    url: https://api.groq.com/openai\n`,
      ),
    );
    expect(folder.mode("keycycle.yaml")).toBe(0o600);
    expect(code).toBe(0);
  });

  test("at the same time as others loses none of what they add", async () => {
    using folder = new Folder({
      "keycycle.yaml": YAML.replace("sk-literal-0123456789", "${OPENAI_API_KEY}"),
      ".env": "OPENAI_API_KEY=sk-first-0123456789\n",
      // Of a command that was killed.
      ".keycycle.yaml.lock": "999999999",
    });
    const added = await Promise.all(
      ["one", "two", "three", "four", "five"].map(
        async (name) =>
          await folder.run(["keys", "add", "--name", name], {
            stdin: `sk-proj-0123456789${name.padEnd(9, "x")}`,
          }),
      ),
    );
    expect(added.map(({ code }) => code)).toEqual([0, 0, 0, 0, 0]);
    const { stdout } = await folder.run(["check", "--json"]);
    const names = ["one", "two", "three", "four", "five"];
    for (const name of names) expect(stdout).toContain(`"${name}"`);
    const variables = folder.read(".env").match(/^\w+(?==)/gm) ?? [];
    expect(new Set(variables).size).toBe(6);
    expect(folder.has(".keycycle.yaml.lock")).toBe(false);
  });

  test("keeps them in .env where the file has variables, and .env out of git", async () => {
    using folder = new Folder({
      "keycycle.yaml": YAML.replace("sk-literal-0123456789", "${OPENAI_API_KEY}"),
      ".env": "OPENAI_API_KEY=sk-first-0123456789\n",
      ".git/HEAD": "ref: refs/heads/main\n",
      ".gitignore": "node_modules",
    });
    const { code } = await folder.run(["keys", "add"], { stdin: OPENAI_KEY });
    expect(folder.read("keycycle.yaml")).toContain("- key: ${OPENAI_API_KEY_2}\n");
    expect(folder.read(".env")).toBe(
      `OPENAI_API_KEY=sk-first-0123456789\n\n# Keys of keycycle\nOPENAI_API_KEY_2=${OPENAI_KEY}\n`,
    );
    expect(folder.read(".gitignore")).toBe("node_modules\n.env\n");
    expect(folder.mode(".env")).toBe(0o600);
    expect((await folder.run(["keys", "add"], { stdin: GROQ_KEY })).code).toBe(0);
    expect(folder.read(".gitignore")).toBe("node_modules\n.env\n");
    expect(code).toBe(0);
  });

  test("a variable of .env puts that out of git and of others' sight too", async () => {
    using folder = new Folder({
      "keycycle.yaml": YAML,
      ".env": `GROQ_API_KEY=${GROQ_KEY}\n`,
      ".git/HEAD": "x",
    });
    chmodSync(join(folder.path, ".env"), 0o644);
    const { output } = await folder.run(["keys", "add", "--key-env", "GROQ_API_KEY"]);
    expect(output).toContain(".env, beside it: for its owner only now.");
    expect([folder.mode(".env"), folder.read(".gitignore")]).toEqual([0o600, ".env\n"]);
  });

  test("--store, --name, --models, --url and --key-env say how", async () => {
    using folder = new Folder({ "keycycle.yaml": YAML });
    const args = ["keys", "add", "--url", "llm.example.com/v1"];
    expect((await folder.run(args)).output).toContain("Write https://llm.example.com/v1.");
    args[3] = "https://llm.example.com/v1";
    const flags = ["--key-env", "MY_KEY", "--name", "spare", "--models", "a, b/*"];
    const { code, output } = await folder.run([...args, ...flags]);
    expect(output).toContain("No keycycle is running with keycycle.yaml");
    expect(output).toContain("MY_KEY: not set here");
    expect(code).toBe(0);
    expect(folder.read("keycycle.yaml")).toContain(
      "  - name: spare\n    key: ${MY_KEY}\n    url: https://llm.example.com/v1\n    models: [a, b/*]\n",
    );
    expect((await folder.run(["keys", "add", "--store", "env"], { stdin: GROQ_KEY })).code).toBe(0);
    expect(folder.read(".env")).toContain(`GROQ_API_KEY=${GROQ_KEY}\n`);
  });

  test.each([
    {
      why: "whose it is cannot be told",
      stdin: "0123456789abcdef0123",
      args: [],
      says: "Nothing tells whose key …0123 is: name the provider with --provider",
    },
    {
      why: "its variable is not set",
      stdin: "",
      args: ["--key-env", "NOTSET"],
      says: "${NOTSET}: not set here",
    },
    {
      why: "it is there already",
      stdin: "sk-literal-0123456789",
      args: ["--provider", "openai"],
      says: "as work",
    },
    {
      why: "it is no key",
      stdin: "“sk-quoted-0123456789”",
      args: [],
      says: "line 1 holds a character that no key has",
    },
    { why: "there is none", stdin: "\n", args: [], says: "there is no key in it" },
    {
      why: "the provider is none",
      stdin: "x",
      args: ["--provider", "opnai"],
      says: 'Did you mean "openai"?',
    },
    {
      why: "one name is to fit several",
      stdin: `${OPENAI_KEY} ${GROQ_KEY}`,
      args: ["--name", "x"],
      says: "one entry",
    },
    {
      why: "a key stands for its variable",
      stdin: "",
      args: ["--key-env", OPENAI_KEY],
      says: "the name of a variable",
    },
  ])("is refused where $why", async ({ stdin, args, says }) => {
    using folder = new Folder({ "keycycle.yaml": YAML });
    const { code, output } = await folder.run(["keys", "add", ...args], { stdin });
    expect(output).toContain(says);
    expect(output).not.toContain("0123456789");
    expect(folder.read("keycycle.yaml")).toBe(YAML);
    expect(code).toBe(2);
  });

  test("without a configuration says how to make one", async () => {
    using folder = new Folder();
    const { code, output } = await folder.run(["keys", "add"], { stdin: OPENAI_KEY });
    expect(output).toContain("keycycle init");
    expect(code).toBe(2);
  });
});

describe("keys remove", () => {
  const two = `${YAML}clients: []\n`.replace(
    "\n# the end",
    "  - key: ${GROQ_KEY}\n    url: https://api.groq.com/openai\n\n# the end",
  );

  test("takes a key out, keeps the rest, and says which variable is left over", async () => {
    using folder = new Folder({ "keycycle.yaml": two });
    const { code, output } = await folder.run(["keys", "remove", "groq-1", "--yes"]);
    expect(output).toContain("Nothing in keycycle.yaml uses GROQ_KEY any more.");
    expect(folder.read("keycycle.yaml")).toBe(`${YAML}clients: []\n`);
    expect(code).toBe(0);
  });

  test.each([
    { args: ["groq-1"], says: "say --yes" },
    { args: ["grok-1", "--yes"], says: 'did you mean "groq-1"?' },
    { args: [], says: "The name is missing." },
    { args: ["work", "groq-1"], says: '"groq-1" is not expected here' },
  ])("keys remove $args is refused", async ({ args, says }) => {
    using folder = new Folder({ "keycycle.yaml": two });
    const { code, output } = await folder.run(["keys", "remove", ...args]);
    expect(output).toContain(says);
    expect(folder.read("keycycle.yaml")).toBe(two);
    expect(code).toBe(2);
  });
});

describe("every other byte stays", () => {
  const marked = `\uFEFF${YAML.replaceAll("\n", "\r\n")}`;
  const bytesOf = (folder: Folder, name: string) => readFileSync(join(folder.path, name)).toString("latin1");

  test("with a byte order mark and CRLF, in the configuration and in .env", async () => {
    const dotEnv = "\uFEFFMINE=1\n";
    using folder = new Folder({ "keycycle.yaml": marked, ".env": dotEnv });
    const before = bytesOf(folder, "keycycle.yaml");
    const add = ["keys", "add", "--store", "env", "--name", "new"];
    expect((await folder.run(add, { stdin: OPENAI_KEY })).code).toBe(0);
    const added =
      "  - name: new\r\n    key: ${OPENAI_API_KEY}\r\n    url: https://api.openai.com\r\n    models: [gpt-*, others]\r\n";
    expect(bytesOf(folder, "keycycle.yaml")).toBe(before.replace("others]\r\n", `others]\r\n${added}`));
    expect(bytesOf(folder, ".env")).toStartWith(Buffer.from(dotEnv).toString("latin1"));
    expect((await folder.run(["keys", "remove", "new", "--yes"])).code).toBe(0);
    expect(bytesOf(folder, "keycycle.yaml")).toBe(before);
  });

  test("and where nothing can be read, nothing is written", async () => {
    using folder = new Folder({ "keycycle.yaml": YAML });
    writeFileSync(join(folder.path, ".env"), Buffer.from("NAME=\xe4\n", "latin1"));
    const { code, output } = await folder.run(["keys", "add", "--store", "env"], { stdin: OPENAI_KEY });
    expect(output).toContain("is not UTF-8 text");
    expect(folder.read("keycycle.yaml")).toBe(YAML);
    expect(code).toBe(1);
  });
});

test("a key in which a variable seems to stand is written as it is", async () => {
  using folder = new Folder({ "keycycle.yaml": YAML });
  const { code } = await folder.run(["keys", "add", "--provider", "openai"], {
    stdin: "sk-odd-${A}-0123456789",
  });
  expect(folder.read("keycycle.yaml")).toContain('key: "sk-odd-$${A}-0123456789"');
  expect(code).toBe(0);
});

describe("an edit of a file that would be wrong", () => {
  test("is not made where the edit is at fault", async () => {
    using folder = new Folder({ "keycycle.yaml": YAML });
    const { code, output } = await folder.run(["keys", "add", "--name", "work"], { stdin: OPENAI_KEY });
    expect(output).toContain("so nothing was written");
    expect(output).toContain('keycycle.yaml:7:11  apiKeys[1].name "work" is taken already');
    expect(folder.read("keycycle.yaml")).toBe(YAML);
    expect(code).toBe(2);
  });

  test("is made where it was wrong before, and the errors are told", async () => {
    const slip = YAML.replace("models:", "modles:");
    using folder = new Folder({ "keycycle.yaml": slip });
    const { code, output } = await folder.run(["keys", "add", "--name", "new"], { stdin: OPENAI_KEY });
    expect(output).toContain("keycycle.yaml had errors before");
    expect(output).toContain('did you mean "models"?');
    expect(folder.read("keycycle.yaml")).toContain("name: new");
    expect(code).toBe(1);
  });
});
