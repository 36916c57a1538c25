import { describe, expect, test } from "bun:test";
import { assert, array, constantFrom, property, string } from "fast-check";

import { allowsModel, compileGlob, keysFor } from "../../src/rotation/models.ts";

/** Names of the keys that serve the model, for keys named by a letter each. */
function serving(model: string, keys: Record<string, string[]>): string {
  const named = Object.entries(keys).map(([name, models]) => ({ name, models }));
  return keysFor(named, model, () => true)
    .map(({ name }) => name)
    .join("");
}

describe("which keys serve a model", () => {
  test.each([
    ["all that name it", "gpt-4o", { a: ["gpt-4o"], b: ["gpt-4o", "o3"] }, "ab"],
    ["an exact name before a glob", "gpt-4o", { a: ["gpt-*"], b: ["gpt-4o"] }, "b"],
    ["a glob before others", "gpt-4o", { a: ["others"], b: ["gpt-*"] }, "b"],
    ["an exact name before others", "gpt-4o", { a: ["others"], b: ["gpt-4o"] }, "b"],
    ["others what nobody names", "gpt-5", { a: ["others"], b: ["gpt-4o"], c: ["claude-*"] }, "a"],
    ["all keys with others alike", "gpt-5", { a: ["others"], b: ["others", "o3"], c: ["o3"] }, "ab"],
    [
      "others and the name on one key",
      "gpt-4o",
      { a: ["gpt-4o", "others"], b: ["gpt-4o"], c: ["others"] },
      "ab",
    ],
    ["a glob and others on one key", "gpt-4o", { a: ["gpt-*", "others"], b: ["others"] }, "a"],
    ["none where no pattern fits", "claude-opus-4-5", { a: ["gpt-*"], b: ["o3"] }, ""],
    ["the whole name, not a part of it", "gpt-4o-mini", { a: ["gpt-4o"], b: ["4o-mini"] }, ""],
    ["names to the letter", "GPT-4o", { a: ["gpt-4o"] }, ""],
    ["others, which is no model's name", "others", { a: ["others", "gpt-4o"], b: ["gpt-4o"] }, "a"],
    ["the whole glob, not a part of the name", "my-gpt-4o", { a: ["gpt-*"] }, ""],
    ["a dot in a glob as a dot", "gemini-2x5-pro", { a: ["gemini-2.5-*"] }, ""],
    ["names with slashes", "meta-llama/llama-4:free", { a: ["meta-llama/*:free"] }, "a"],
    ["a question mark as one character", "gpt-4o", { a: ["gpt-4?"], b: ["gpt-?"] }, "a"],
    ["everything by a lone star", "whatever", { a: ["*"], b: ["others"] }, "a"],
  ] as const)("%s", (_, model, keys, expected) => {
    const mutable = Object.fromEntries(Object.entries(keys).map(([name, models]) => [name, [...models]]));
    expect(serving(model, mutable)).toBe(expected);
  });

  test.each([
    [
      "others, but not what a key of another API names",
      "gemini-pro",
      { a: ["others"], z: ["gemini-pro"] },
      "",
    ],
    ["nor what such a key has a glob for", "gemini-pro", { a: ["others"], z: ["gemini-*"] }, ""],
    ["unless it has the name too", "gemini-pro", { a: ["gemini-pro", "others"], z: ["gemini-*"] }, "a"],
    ["nor does another API's others matter", "gemini-pro", { a: ["others"], z: ["others"] }, "a"],
    ["a glob, whoever of another API has the exact name", "gpt-4o", { a: ["gpt-*"], z: ["gpt-4o"] }, "a"],
  ] as const)("%s", (_, model, models, expected) => {
    const keys = Object.entries(models).map(([name, patterns]) => ({ name, models: [...patterns] }));
    const chosen = keysFor(keys, model, ({ name }) => name !== "z").map(({ name }) => name);
    expect(chosen.join("")).toBe(expected);
  });

  test("keys stay in the order of the configuration", () => {
    expect(serving("o3", { c: ["o3"], a: ["o3"], b: ["o3"] })).toBe("cab");
  });
});

describe("a glob", () => {
  test("fits every name that it spells out, whatever characters that has", () => {
    const literal = string({ maxLength: 30 }).map((text) => text.replaceAll(/[*?]/g, ""));
    assert(property(literal, (name) => expect(compileGlob(name).test(name)).toBe(true)));
  });

  test("fits names with anything in place of its stars", () => {
    const parts = array(constantFrom("gpt", "-", ".", "4o", "(x)", "[a]", "\\", "+", "$"), { maxLength: 6 });
    assert(
      property(parts, parts, parts, (before, between, after) => {
        const glob = compileGlob(`${before.join("")}*${after.join("")}`);
        expect(glob.test([...before, ...between, ...after].join(""))).toBe(true);
      }),
    );
  });
});

describe("a client's models", () => {
  test.each([
    [["gpt-*"], "gpt-4o", true],
    [["gpt-4o"], "gpt-4o-mini", false],
    [["claude-*", "gpt-4o"], "gpt-4o", true],
    [["*"], "anything/at:all", true],
    [[], "gpt-4o", false],
  ])("%p and %s: %p", (patterns, model, allowed) => {
    expect(allowsModel(patterns, model)).toBe(allowed);
  });
});
