import { describe, expect, test } from "bun:test";
import { Ajv } from "ajv";
import { parse as parseYaml } from "yaml";

import { configJsonSchema } from "../../src/config/json-schema.ts";
import { parse } from "./parse-text.ts";

const validate = new Ajv({ strict: true, strictRequired: false, allowUnionTypes: true }).compile(
  configJsonSchema(),
);

function accepts(text: string): boolean {
  return validate(parseYaml(text, { merge: true }));
}

const KEY = "apiKeys: [{ key: k, url: https://x.example }]\n";

describe("what the reader takes, the schema takes", () => {
  test("the example, as it is and with all that is commented out", async () => {
    const example = await Bun.file(`${import.meta.dir}/../../keycycle.yaml.example`).text();
    const defaults = example.indexOf("# Who may use the proxy.");
    const all =
      example.slice(0, defaults) + example.slice(defaults).replaceAll(/^# (?= *(?:- )?[\w-]+:)/gm, "");
    expect(all).toContain("\nstate: ./keycycle.db");
    expect([accepts(example), accepts(all)]).toEqual([true, true]);
  });

  test.each([
    KEY,
    "apiKeys:\n  - keys: a b c\n    url: https://x.example\n    models: gpt-4o, others\n",
    "apiKeys:\n  - keysFile: k.txt\n    url: https://x.example\n",
    `${KEY}server:\nclients:\nrotation:\n  timeouts:\n`,
    `${KEY}server: { port: "\${PORT:-80}", allowAnonymous: "\${OPEN:-false}", maxBody: 64MiB, drainTimeout: 0 }\n`,
    `${KEY}rotation: { maxWait: 1h30m, maxQueue: 10_000, deadline: 1.5s }\n`,
    `${KEY}log: { level: "\${LEVEL:-info}" }\n`,
    `${KEY}aliases: { fast: gpt-4o, best: [a, b] }\n`,
    "apiKeys:\n  - &a { key: k, url: https://x.example }\n  - { <<: *a, key: l }\n",
  ])("%j", (text) => {
    expect(parse(text, { keysFiles: { "k.txt": "sk-1\n" } }).ok).toBe(true);
    expect(accepts(text)).toBe(true);
  });
});

describe("what an editor is to mark, the schema refuses", () => {
  test.each([
    ["a misspelt setting", "apiKeys:\n  - kye: k\n    url: https://x.example\n"],
    ["no keys at all", "server: {}\n"],
    ["a key without its secret", "apiKeys: [{ url: https://x.example }]\n"],
    ["a key without its url", "apiKeys: [{ key: k }]\n"],
    ["a client without a token", `${KEY}clients: [{ name: me }]\n`],
    ["a port out of range", `${KEY}server: { port: 70000 }\n`],
    ["a duration without its unit", `${KEY}rotation: { deadline: 30 }\n`],
    ["a strategy that is none", `${KEY}rotation: { strategy: random }\n`],
    ["text for true or false", `${KEY}server: { allowAnonymous: maybe }\n`],
    ["a list for one text", `${KEY}server: { host: [a] }\n`],
    ["a limit of nothing", `${KEY}clients: [{ token: t, limits: { rpm: 0 } }]\n`],
  ])("%s", (_, text) => {
    expect(parse(text).ok).toBe(false);
    expect(accepts(text)).toBe(false);
  });
});

test("every setting is explained", () => {
  const undescribed: string[] = [];
  const visit = (schema: unknown, path: string): void => {
    const { properties = {}, items } = schema as { properties?: Record<string, object>; items?: unknown };
    for (const [name, part] of Object.entries(properties)) {
      const isSection = "properties" in part;
      if (!isSection && !("description" in part)) undescribed.push(`${path}.${name}`);
      visit(part, `${path}.${name}`);
    }
    if (items !== undefined) visit(items, `${path}[]`);
  };
  visit(configJsonSchema(), "");
  expect(undescribed).toEqual([]);
});
