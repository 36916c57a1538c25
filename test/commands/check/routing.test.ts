import { describe, expect, test } from "bun:test";

import { noticesOf } from "../../../src/commands/check/notices.ts";
import { reportOf } from "../../../src/commands/check/report.ts";
import { routingsOf } from "../../../src/commands/check/routing.ts";
import { configOf } from "../../config/parse-text.ts";

const OPENAI = "https://api.openai.com";

/** Keys at OpenAI, each with what stands behind its name. */
function keysYaml(keys: Record<string, string>): string {
  const entries = Object.entries(keys).map(
    ([name, rest]) => `  - { name: ${name}, key: k-${name}, ${rest} }\n`,
  );
  return `apiKeys:\n${entries.join("")}`;
}

function tiersOf(yaml: string): Record<string, unknown> {
  const entries = routingsOf(configOf(yaml)).map(({ model, routes }) => [
    model,
    routes.length === 1 ? routes[0]?.tiers : routes.map(({ apis, tiers }) => ({ [apis.join("+")]: tiers })),
  ]);
  return Object.fromEntries(entries);
}

describe("each model and who serves it", () => {
  test("names before globs before others, tiers by priority, keys in the order of the file", () => {
    const yaml = keysYaml({
      spare: `url: ${OPENAI}, models: [gpt-4o, others], priority: 1`,
      b: `url: ${OPENAI}, models: "gpt-4o, gpt-*"`,
      a: `url: ${OPENAI}, models: [gpt-4o]`,
      rest: `url: ${OPENAI}`,
    });
    expect(Object.keys(tiersOf(yaml))).toEqual(["gpt-4o", "gpt-*", "others"]);
    expect(tiersOf(yaml)).toEqual({
      "gpt-4o": [["b", "a"], ["spare"]],
      "gpt-*": [["b"]],
      others: [["rest"], ["spare"]],
    });
  });

  test("a wide glob serves what fits a narrow one", () => {
    const yaml = keysYaml({
      narrow: `url: ${OPENAI}, models: ["gpt-4*"]`,
      wide: `url: ${OPENAI}, models: ["gpt-*"]`,
    });
    expect(tiersOf(yaml)).toEqual({ "gpt-4*": [["narrow", "wide"]], "gpt-*": [["wide"]] });
  });

  test("by the API that a client speaks, where that matters", () => {
    const yaml = keysYaml({
      openai: `url: ${OPENAI}, models: [m]`,
      claude: "url: https://api.anthropic.com, models: [m]",
    });
    expect(tiersOf(yaml)).toEqual({ m: [{ openai: [["openai", "claude"]] }, { anthropic: [["claude"]] }] });
  });

  test("many keys of one kind keep their places", () => {
    const names = Array.from({ length: 30 }, (_, index) => `k${index}`);
    const yaml = keysYaml(
      Object.fromEntries(
        names.map((name, index) => [name, `url: ${OPENAI}, models: [m], weight: ${(index % 3) + 1}`]),
      ),
    );
    expect(tiersOf(yaml)).toEqual({ m: [names] });
  });
});

describe("what its owner may not have meant", () => {
  const noticed = (yaml: string) => {
    const config = configOf(yaml);
    return noticesOf(config, routingsOf(config));
  };

  test("a key whose glob fits a name that only another has", () => {
    const yaml = keysYaml({
      a: `url: ${OPENAI}, models: [gpt-4o, "gpt-*"]`,
      b: `url: ${OPENAI}, models: ["gpt-*"]`,
    });
    expect(noticed(yaml)).toEqual(['b does not serve "gpt-4o", since a names it and a name beats a glob']);
  });

  test("a client that may ask for what nobody serves", () => {
    const yaml = `${keysYaml({ a: `url: ${OPENAI}, models: ["gpt-*"]` })}aliases: { fast: gpt-4o }\nclients: [{ name: me, token: t, models: [fast, "x-*", gpt-5, claude] }]\n`;
    expect(noticed(yaml)).toEqual(['client me may ask for "claude", which no key serves']);
  });

  test("nothing, where each key serves what it looks like", () => {
    expect(noticed(keysYaml({ a: `url: ${OPENAI}, models: [gpt-4o]`, b: `url: ${OPENAI}` }))).toEqual([]);
  });
});

describe("the report", () => {
  const config = configOf(
    `${keysYaml({ work: `url: ${OPENAI}, models: [gpt-4o], limits: { rpm: 500, tpm: 20k }`, home: `url: ${OPENAI}` })}aliases: { fast: gpt-4o, best: [gpt-4o, gpt-5] }\n`,
  );
  const lines = (width: number) =>
    reportOf(config, routingsOf(config), width).map((line) => Bun.stripANSI(line));

  test("shows keys, models and aliases, and columns only where there is something in them", () => {
    expect(lines(Infinity)).toEqual([
      "",
      "Keys",
      "name  provider  url             limits              models",
      "work  openai    api.openai.com  500 rpm, 20000 tpm  gpt-4o",
      "home  openai    api.openai.com                      others",
      "",
      "Models",
      "model   served by, in order",
      "gpt-4o  work",
      "others  home",
      "",
      "Aliases",
      "name  stands for, in order",
      "fast  gpt-4o",
      "best  gpt-4o, then gpt-5",
    ]);
  });

  test.each([20, 40, 60])("fits a window of %i columns", (width) => {
    for (const line of lines(width)) expect(Bun.stringWidth(line)).toBeLessThanOrEqual(width);
  });

  test("never holds a secret", () => {
    expect(lines(Infinity).join("\n")).not.toContain("k-work");
  });
});

test("in a pipe every key is named, on a terminal some and how many more", () => {
  const names = Array.from({ length: 50 }, (_, at) => `k${at}`);
  const yaml = keysYaml(Object.fromEntries(names.map((name) => [name, `url: ${OPENAI}, models: [m]`])));
  const config = configOf(yaml);
  const report = (width: number): string => reportOf(config, routingsOf(config), width).join("\n");
  expect(report(Infinity)).toContain(names.join(", "));
  expect(report(Infinity)).not.toContain("more");
  expect(report(100)).toContain("and 44 more");
});
