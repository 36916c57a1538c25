import { expect, test } from "bun:test";

import { parse } from "./parse-text.ts";

function warningsOf(models: string): readonly string[] {
  const result = parse(`apiKeys:\n  - key: k-1\n    url: https://x.example\n    models: ${models}\n`);
  if (!result.ok) throw new Error(result.diagnostics.map(({ message }) => message).join());
  return result.warnings;
}

test.each([
  ["[a, gpt-4o gpt-4]", "4:17", "gpt-4o gpt-4", "[gpt-4o, gpt-4]"],
  ["gpt-4o\n      gpt-4", "4:13", "gpt-4o gpt-4", "[gpt-4o, gpt-4]"],
  ["[gpt-4o\n      gpt-4]", "4:14", "gpt-4o gpt-4", "[gpt-4o, gpt-4]"],
])("a model with a blank in its name is warned of: %s", (models, place, name, meant) => {
  expect(warningsOf(models)).toEqual([
    `keycycle.yaml:${place}  apiKeys[0].models names one model "${name}", with a blank in its name: if several are meant, write ${meant}`,
  ]);
});

test("a key among the models is not shown", () => {
  expect(warningsOf("[sk-abcdefgh gpt-4o]").join()).not.toContain("sk-");
});

test("models with commas, and none, are not warned of", () => {
  expect([warningsOf("gpt-4o, gpt-4"), warningsOf("[others]")].flat()).toEqual([]);
});
