import { describe, expect, test } from "bun:test";

import { warnOfAliases } from "../../src/proxy/alias-warnings.ts";
import { configWith } from "./config-with.ts";

const KEYS: NonNullable<Parameters<typeof configWith>[0]["keys"]> = [
  { name: "openai", provider: "openai", models: ["gpt-*"] },
  { name: "anthropic", provider: "anthropic", models: ["claude-*"] },
  { name: "gemini", provider: "gemini", url: "https://g.example", models: ["gemini-*"] },
  { name: "gateway", provider: "compatible", models: ["gateway-*"] },
];

const warningsOf = (models: readonly [string, ...string[]], keys = KEYS) =>
  warnOfAliases(configWith({ keys, aliases: [["best", ...models]] }));

const HERE = "keycycle.yaml:1:1  aliases.best:";

describe("an alias is warned of", () => {
  test.each<[string, [string, ...string[]], string[]]>([
    [
      "where nobody serves any of it",
      ["o3", "o4"],
      [`${HERE} no key serves anything that it stands for, so asking for it ends in a 404`],
    ],
    ["where nobody serves one", ["o3", "gpt-5"], [`${HERE} no key serves "o3", so it is passed over`]],
    [
      "where no client can come from one model to the next",
      ["gpt-5", "gemini-3-pro"],
      [
        `${HERE} "gemini-3-pro" (gemini, gemini-openai) can never stand in for "gpt-5" (openai): no API reaches both`,
      ],
    ],
    [
      "where one of three is out of reach",
      ["gpt-5", "claude-opus-4-5", "gemini-3-pro"],
      [
        `${HERE} "gemini-3-pro" (gemini, gemini-openai) can never stand in for "gpt-5" (openai) and "claude-opus-4-5" (openai, anthropic): no API reaches both`,
      ],
    ],
  ])("%s", (_, models, expected) => {
    expect(warningsOf(models)).toEqual(expected);
  });

  test.each<[string, [string, ...string[]]]>([
    ["where all speak one API", ["gpt-5", "gpt-4o"]],
    // Anthropic answers OpenAI's clients too.
    ["where one API reaches both", ["claude-opus-4-5", "gpt-5"]],
    ["where a gateway speaks all", ["gateway-a", "gpt-5", "gemini-3-pro"]],
    ["where it is one model", ["gemini-3-pro"]],
  ])("not %s", (_, models) => {
    expect(warningsOf(models)).toEqual([]);
  });

  test("without what may be a key in the wrong place", () => {
    expect(warningsOf(["sk-proj-0123456789abcdef"], []).join()).not.toContain("0123456789");
    expect(warningsOf(["sk-proj-0123456789abcdef", "gpt-5"]).join()).not.toContain("0123456789");
  });
});
