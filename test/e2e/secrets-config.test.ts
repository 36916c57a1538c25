import { describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";

import { front } from "./front.ts";
import { CHAT } from "./harness.ts";
import { leakIn, marked, run } from "./marked.ts";

const KEY = marked("key");

/** A config that is wrong, with a secret in the wrong line or beside it. */
const BROKEN: readonly { readonly is: string; readonly text: string }[] = [
  { is: "a quote never closed", text: `apiKeys:\n  - key: "${KEY}\n    url: https://api.openai.com\n` },
  {
    is: "a bracket never closed",
    text: `apiKeys:\n  - keys: [${KEY}, ${marked("b")}\n    url: https://x.example\n`,
  },
  { is: "an indentation that fits nothing", text: `apiKeys:\n  - key: ${KEY}\n   url: https://x.example\n` },
  { is: "a tab", text: `apiKeys:\n\t- key: ${KEY}\n` },
  {
    is: "two colons on a line",
    text: `apiKeys:\n  - key: ${KEY}: ${marked("b")}\n    url: https://x.example\n`,
  },
  { is: "a missing comma in JSON", text: `{"apiKeys":[{"key":"${KEY}" "url":"https://x.example"}]}` },
  { is: "JSON cut off", text: `{"apiKeys":[{"key":"${KEY}` },
  {
    is: "the key twice",
    text: `apiKeys:\n  - key: ${KEY}\n    key: ${marked("b")}\n    url: https://x.example\n`,
  },
  { is: "a mistyped name", text: `apiKeys:\n  - kye: ${KEY}\n    url: https://x.example\n` },
  { is: "an unknown name", text: `apiKeys:\n  - credential: ${KEY}\n    url: https://x.example\n` },
  { is: "the key as the name of a setting", text: `apiKeys:\n  - ${KEY}: https://x.example\n` },
  { is: "the key as an entry", text: `apiKeys:\n  - ${KEY}\n  - ${marked("b")}\n` },
  { is: "the key as the whole of apiKeys", text: `apiKeys: ${KEY}\n` },
  { is: "the key as the whole file", text: `${KEY}\n` },
  { is: "the key as the url", text: `apiKeys:\n  - key: a\n    url: ${KEY}\n` },
  { is: "the key in the url", text: `apiKeys:\n  - key: a\n    url: https://${KEY}@x.example\n` },
  {
    is: "the key in the url's query",
    text: `apiKeys:\n  - key: a\n    url: https://x.example/v1?key=${KEY}\n`,
  },
  {
    is: "the key as the provider",
    text: `apiKeys:\n  - key: a\n    url: https://x.example\n    provider: ${KEY}\n`,
  },
  {
    is: "the key as a number",
    text: `apiKeys:\n  - key: a\n    url: https://x.example\n    priority: ${KEY}\n`,
  },
  {
    is: "the key as the name, twice",
    text: `apiKeys:\n  - &a { name: ${KEY}, key: a, url: "https://x.example" }\n  - *a\n`,
  },
  { is: "the key as keysFile", text: `apiKeys:\n  - keysFile: ${KEY}\n    url: https://x.example\n` },
  {
    is: "white space in the key",
    text: `apiKeys:\n  - key: "${KEY} ${marked("b")}"\n    url: https://x.example\n`,
  },
  { is: "an ellipsis in the key", text: `apiKeys:\n  - key: "${KEY}…"\n    url: https://x.example\n` },
  { is: "a key that looks like an alias", text: `apiKeys:\n  - key: *${KEY}\n    url: https://x.example\n` },
  { is: "a key that looks like an anchor", text: `apiKeys:\n  - key: &${KEY}\n    url: https://x.example\n` },
  { is: "a key that looks like a tag", text: `apiKeys:\n  - key: !${KEY} x\n    url: https://x.example\n` },
  { is: "a key behind @", text: `apiKeys:\n  - key: @${KEY}\n    url: https://x.example\n` },
  {
    is: "a variable with the key as its name",
    text: `apiKeys:\n  - key: \${${KEY}}\n    url: https://x.example\n`,
  },
  { is: "a variable with no end", text: `apiKeys:\n  - key: "\${X:-${KEY}"\n    url: https://x.example\n` },
  {
    is: "a default beside a missing variable",
    text: `apiKeys:\n  - key: "\${MISSING}\${OTHER:-${KEY}}"\n    url: https://x.example\n`,
  },
  {
    is: "a token twice",
    text: `clients:\n  - token: ${KEY}\n  - token: ${KEY}\napiKeys:\n  - key: a\n    url: https://x.example\n`,
  },
  {
    is: "a secret in a comment of a wrong line",
    text: `apiKeys:\n  - kye: x # was ${KEY}\n    url: https://x.example\n`,
  },
  {
    is: "a broken header",
    text: `apiKeys:\n  - key: a\n    url: https://x.example\n    headers: { "X Y": ${KEY} }\n`,
  },
  {
    is: "a broken proxy",
    text: `apiKeys:\n  - key: a\n    url: https://x.example\n    proxy: socks://${KEY}@x\n`,
  },
  { is: "a second document", text: `apiKeys:\n  - key: a\n    url: https://x.example\n---\n${KEY}\n` },
];

describe("a config at the start", () => {
  test.each(BROKEN)("with $is is refused without the secret", async ({ text }) => {
    const { code, output } = await run(["serve", "--config", "keycycle.yaml", "--port", "0"], {
      files: { "keycycle.yaml": text },
    });
    expect(output).toMatch(/keycycle\.yaml:\d+:\d+ /);
    expect(code).toBe(2);
    expect(leakIn(output)).toBeUndefined();
  });

  test("with a secret in the environment that is wrong there is refused without it", async () => {
    const text = 'apiKeys:\n  - key: a\n    url: ${URL}\n    priority: ${URL}\n    provider: "${URL}"\n';
    const env = { URL: KEY };
    const { code, output } = await run(["serve", "--config", "k.yaml"], { files: { "k.yaml": text }, env });
    expect(code).toBe(2);
    expect(output).toContain("k.yaml:3:10");
    expect(leakIn(output)).toBeUndefined();
  });

  test("with no file, broken keys in the environment are refused without them", async () => {
    const { code, output } = await run(["serve"], { env: { OPENAI_API_KEYS: `${KEY}…,b` } });
    expect(code).toBe(2);
    expect(output).toContain("OPENAI_API_KEYS");
    expect(leakIn(output)).toBeUndefined();
  });

  test("with a broken keys file is refused without its lines", async () => {
    const files = {
      "k.yaml": "apiKeys:\n  - keysFile: ./keys.txt\n    url: https://x.example\n",
      "keys.txt": `${KEY} ${marked("b")}\n`,
    };
    const { code, output } = await run(["serve", "--config", "k.yaml"], { files });
    expect(code).toBe(2);
    expect(output).toContain("line 1 of ./keys.txt");
    expect(leakIn(output)).toBeUndefined();
  });
});

test("broken reloads say where, keep the old config in force and show no secret", async () => {
  const good = (url: string) => ({ log: { level: "debug" }, apiKeys: [{ key: KEY, url }] });
  await using it = await front([{ secret: KEY }], good);
  let errors = 0;
  // config.json is JSON with comments: YAML's own mistakes are broken there as well.
  for (const { text } of BROKEN.filter((_, index) => index % 4 === 0)) {
    writeFileSync(it.proxy.configPath, text, { mode: 0o600 });
    errors += 1;
    await it.proxy.until(() =>
      it.proxy.log.filter(({ level }) => level === "error").length === errors ? true : undefined,
    );
  }
  expect((await it.proxy.post("/v1/chat/completions", CHAT)).status).toBe(200);
  expect(await it.proxy.stop()).toBe(0);
  expect(it.proxy.output).toContain("stays in force");
  expect(leakIn(it.proxy.output)).toBeUndefined();
});

describe("the command line", () => {
  const files = { "k.yaml": `apiKeys:\n  - key: ${KEY}\n    url: https://x.example\n` };

  test("a port in use ends it without a secret", async () => {
    await using it = await front([], (url) => ({ apiKeys: [{ key: KEY, url }] }));
    const { port } = new URL(it.proxy.url);
    const { code, output } = await run(["serve", "--config", "k.yaml", "--port", port], { files });
    expect(code).toBe(1);
    expect(output).toContain(`port ${port} is in use`);
    expect(leakIn(output)).toBeUndefined();
  });

  test.each([
    { args: ["serve", "--key", KEY] },
    { args: ["serve", `--key=${KEY}`] },
    { args: ["serve", `--token=${KEY}`, "--port", "0"] },
    { args: ["serve", `--${KEY}`] },
    { args: ["serve", KEY] },
    { args: ["serve", "--port", KEY] },
    { args: ["serve", "--log-level", KEY] },
    { args: ["serve", "--config", KEY] },
    { args: [KEY] },
  ])("a secret among the arguments is not repeated: $args", async ({ args }) => {
    const { code, output } = await run(args, { files });
    expect(code).toBe(2);
    expect(leakIn(output)).toBeUndefined();
  });
});
