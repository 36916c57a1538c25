import { describe, expect, test } from "bun:test";
import { array, assert, constantFrom, property } from "fast-check";

import { ModelIndex } from "../../src/rotation/model-index.ts";
import { allowsModel } from "../../src/rotation/models.ts";

/** Names of the keys that serve the model, for keys named by a letter each. */
function serving(model: string, keys: Record<string, string[]>): string {
  const named = Object.entries(keys).map(([name, models]) => ({ name, models }));
  return new ModelIndex(named)
    .keysFor(model, () => true)
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
    const chosen = new ModelIndex(keys).keysFor(model, ({ name }) => name !== "z").map(({ name }) => name);
    expect(chosen.join("")).toBe(expected);
  });

  test("keys stay in the order of the configuration", () => {
    expect(serving("o3", { c: ["o3"], a: ["o3"], b: ["o3"] })).toBe("cab");
  });
});

describe("who has a glob for a name", () => {
  const part = constantFrom("a", "b", "ab", "*", "?", "**", "-");
  const pattern = array(part, { minLength: 1, maxLength: 5 }).map((parts) => `${parts.join("")}*`);
  const name = array(constantFrom("a", "b", "-"), { maxLength: 6 }).map((letters) => letters.join(""));

  test("is found wherever the wildcards stand, each key once", () => {
    assert(
      property(array(array(pattern, { maxLength: 3 }), { maxLength: 6 }), name, (patterns, model) => {
        const keys = patterns.map((models) => ({ models }));
        const fitting = keys.filter(({ models }) => allowsModel(models, model));
        expect(new ModelIndex(keys).globbing(model)).toEqual(fitting);
      }),
    );
  });

  test("is found by its end too", () => {
    const keys = [
      { models: ["*-mini"] },
      { models: ["*i"] },
      { models: ["gpt*mini"] },
      { models: ["*-nano"] },
    ];
    expect(new ModelIndex(keys).globbing("gpt-mini").map(({ models }) => models[0])).toEqual([
      "*-mini",
      "*i",
      "gpt*mini",
    ]);
  });
});

test("of a thousand keys that name others, only those that it concerns are looked at", () => {
  const looked = new Set<number>();
  const keys = Array.from({ length: 1000 }, (_, at) => ({ at, models: [`m-${at}`, `x${at}-*`, "others"] }));
  const index = new ModelIndex(keys);
  const speaks = ({ at }: { at: number }) => {
    looked.add(at);
    return true;
  };
  expect(index.keysFor("m-7", speaks).map(({ at }) => at)).toEqual([7]);
  expect(index.keysFor("x42-large", speaks).map(({ at }) => at)).toEqual([42]);
  expect([...looked]).toEqual([7, 42]);
});
