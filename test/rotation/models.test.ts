import { describe, expect, test } from "bun:test";
import { assert, array, constantFrom, property, string } from "fast-check";

import { allowsModel, compileGlob } from "../../src/rotation/models.ts";

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
