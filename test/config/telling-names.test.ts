import { describe, expect, test } from "bun:test";

import { isKeyShaped } from "../../src/config/recognise.ts";
import { renderDiagnostics } from "../../src/config/invalid-config.ts";
import { configOf, diagnosticsOf } from "./parse-text.ts";

const SECRET = "hidden-0123456789-tail";
const entry = (name: string, secret = SECRET) =>
  `apiKeys:\n  - name: ${name}\n    key: ${secret}\n    url: https://x.example\n`;

describe("a name that gives a secret away is refused at its place, and not shown", () => {
  test.each([
    { is: "the key itself", name: SECRET },
    { is: "the key with more around it", name: `my-${SECRET}-2` },
    { is: "a key by its shape", name: "sk-proj-0123456789abcdefghij" },
    { is: "a key of another entry", name: "other-0123456789", more: "other-0123456789" },
  ])("$is", ({ name, more }) => {
    const text = entry(name) + (more === undefined ? "" : `  - { key: ${more}, url: "https://y.example" }\n`);
    const told = renderDiagnostics(diagnosticsOf(text));
    expect(told).toContain(":2:11  apiKeys[0].name is or holds a secret, or looks like a key");
    expect(told).not.toContain(name.slice(-6));
    expect(told).not.toContain(name.slice(0, 8));
  });

  test("that of a client too, whose secret is its token", () => {
    const clients = "clients: [{ name: token-0123456789, token: token-0123456789 }]\n";
    const told = renderDiagnostics(diagnosticsOf(entry("a") + clients));
    expect(told).toContain("clients[0].name is or holds a secret");
    expect(told).not.toContain("token-0123");
  });
});

test.each([
  ["ollama", "ollama"],
  ["lm-studio", "lm-studio"],
  ["xai-production-europe-west-1", SECRET],
])("%s is a name, also of a server that is given the word %s for a key", (name, secret) => {
  expect(configOf(entry(name, secret)).keys.map((key) => key.name)).toEqual([name]);
});

test.each([
  ["sk-ant-api03-0123456789", true],
  ["xai-0123456789abcdefghijklmnopqrst", true],
  ["fw_3ZabcdefGHIJKLMNOP12", true],
  ["fw_eu_production_team_1", false],
  ["groq-1", false],
  ["xai-1", false],
])("%s has the shape of a key: %p", (text, is) => {
  expect(isKeyShaped(text)).toBe(is);
});
