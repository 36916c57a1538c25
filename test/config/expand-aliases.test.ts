import { describe, expect, test } from "bun:test";
import { renderDiagnostic } from "../../src/config/diagnostic.ts";
import { briefly, configOf, diagnosticsOf, ONE_KEY, parse } from "./parse-text.ts";

const errorsOf = (aliases: string) => briefly(diagnosticsOf(`${ONE_KEY}aliases: ${aliases}\n`));

function warningsOf(text: string): readonly string[] {
  const result = parse(text);
  if (!result.ok) throw new Error(result.diagnostics.map(renderDiagnostic).join("\n"));
  return result.warnings;
}

describe("an alias", () => {
  test("stands for one model, or for several in their order", () => {
    const { aliases } = configOf(
      `${ONE_KEY}aliases:\n  fast: gpt-4o-mini\n  best: [claude-opus-4-5, gpt-5]\n  "open/any:free": gpt-5, o3\n`,
    );
    expect(aliases).toEqual([
      { name: "fast", models: ["gpt-4o-mini"], place: "keycycle.yaml:3:9" },
      { name: "best", models: ["claude-opus-4-5", "gpt-5"], place: "keycycle.yaml:4:9" },
      { name: "open/any:free", models: ["gpt-5", "o3"], place: "keycycle.yaml:5:20" },
    ]);
  });

  test("may come from JSON, from variables and from YAML's own aliases", () => {
    const json = '{"apiKeys":[{"key":"k","url":"https://x.example"}],"aliases":{"a":["b","c"]}}';
    expect(configOf(json, { path: "c.json" }).aliases[0]).toMatchObject({ name: "a", models: ["b", "c"] });
    const yaml = `${ONE_KEY}aliases:\n  a: &both ["\${MODEL}", o3]\n  b: *both\n`;
    const { aliases } = configOf(yaml, { env: { MODEL: "gpt-5" } });
    expect(aliases.map(({ models }) => models)).toEqual([
      ["gpt-5", "o3"],
      ["gpt-5", "o3"],
    ]);
  });

  test("may be named as what Object has", () => {
    const { aliases } = configOf(`${ONE_KEY}aliases: { constructor: toString, a: constructor2 }`);
    expect(aliases.map(({ name }) => name)).toEqual(["constructor", "a"]);
  });

  test("may give a model's own name the models that stand in for it", () => {
    const text = `apiKeys: [{ key: k, url: https://x.example, models: [gpt-4o, o3] }]\naliases: { gpt-4o: [gpt-4o, o3], o3: [o3, gpt-4o] }\n`;
    expect(configOf(text).aliases).toHaveLength(2);
    expect(warningsOf(text)).toEqual([]);
  });
});

describe("errors in aliases", () => {
  test.each<[string, string, string[]]>([
    [
      "no map",
      "[a]",
      ["2:10 aliases must be a map of aliases (name: model, or a list of models), not a list"],
    ],
    ["an empty list", "{ a: [] }", ["2:15 aliases.a is an empty list"]],
    ["nothing", "{ a: }", ["2:12 aliases.a is empty"]],
    ["an empty text", '{ a: "" }', ["2:15 aliases.a is empty"]],
    [
      "a map of models",
      "{ a: { b: c } }",
      ["2:15 aliases.a must be a list, or one text with commas, not a map"],
    ],
    ["a number", "{ a: 4 }", ["2:15 aliases.a must be text, not the number 4"]],
    ["a model twice: once is enough", "{ a: [b, c, b] }", ['2:22 aliases.a names "b" twice: once is enough']],
    ["an alias that is a glob", '{ "gpt-*": b }', ["2:12 aliases.… is a glob, and must be one name"]],
    [
      "a glob for a model",
      '{ a: [b, "gpt-*"] }',
      ['2:19 aliases.a names "gpt-*", which is a glob, and must be one name'],
    ],
    [
      "others as an alias",
      "{ others: b }",
      ["2:12 aliases.others is the word for all models that no key names, and must be one name"],
    ],
    [
      "others as a model",
      "{ a: others }",
      [
        '2:15 aliases.a names "others", which is the word for all models that no key names, and must be one name',
      ],
    ],
    [
      "itself alone",
      "{ a: a }",
      ["2:15 aliases.a stands for nothing but itself: name the model that it is for"],
    ],
    [
      "another alias",
      "{ a: [b, c], c: d }",
      ['2:19 aliases.a names "c", which is an alias itself: name the models that it stands for'],
    ],
    [
      "a circle",
      "{ a: b, b: a }",
      [
        '2:15 aliases.a names "b", which is an alias itself: name the models that it stands for',
        '2:21 aliases.b names "a", which is an alias itself: name the models that it stands for',
      ],
    ],
    [
      "a name with what nobody sees",
      '{ "fast\u200Ber": b }',
      ["2:12 aliases.… holds a character that cannot be seen, U+200B"],
    ],
  ])("%s", (_, aliases, expected) => {
    expect(errorsOf(aliases)).toEqual(expected);
  });

  test("never show what may be a key in the wrong place", () => {
    const key = "sk-proj-1234567890abcdef";
    const shown = diagnosticsOf(`${ONE_KEY}aliases: { ${key}: [a, a], b: [${key}-2, ${key}-2] }\n`);
    expect(shown).toHaveLength(2);
    expect(shown.map(renderDiagnostic).join("\n")).not.toContain("1234567890");
  });
});

test("an alias that hides a model which a key names is warned of, with its place", () => {
  const text =
    "apiKeys: [{ key: k, url: https://x.example, models: [gpt-4o, others] }]\naliases: { gpt-4o: o3 }\n";
  expect(warningsOf(text)).toEqual([
    "keycycle.yaml:2:20  aliases.gpt-4o hides the model of that name, which compatible-1 serves: put it into the list too, or choose another name",
  ]);
});
