import { describe, expect, test } from "bun:test";

import { type Offering, offerOf, offersOf } from "../../../src/proxy/models/offers.ts";
import type { ListedModel } from "../../../src/proxy/models/read-list.ts";

/** A key that speaks the API and names these models, before an upstream that lists those. */
function key(models: string, listed?: string, speaks = true): Offering {
  const entries = listed?.split(" ").map((id): [string, ListedModel] => {
    return [id, { id, form: "openai", text: JSON.stringify({ id, from: models }), createdMs: undefined }];
  });
  return {
    models: models.split(" "),
    provider: "openai",
    speaks,
    listed: entries === undefined ? undefined : new Map(entries),
  };
}

function offered(
  offerings: readonly Offering[],
  {
    allowed = ["*"],
    aliases = {},
  }: { allowed?: string[]; aliases?: Record<string, [string, ...string[]]> } = {},
): string {
  const named = Object.entries(aliases).map(([name, models]) => ({ name, models }));
  return offersOf({ api: "openai", offerings, aliases: named, allowed })
    .map(({ id }) => id)
    .join(" ");
}

describe("a client is offered", () => {
  test.each([
    ["all that an upstream lists, for a key with others", [key("others", "b a c")], "b a c"],
    ["what fits a key's globs", [key("gpt-*", "gpt-4o o3 gpt-5")], "gpt-4o gpt-5"],
    ["what a key names, listed or not", [key("o3 o9", "gpt-4o o3")], "o3 o9"],
    ["each model once, over all upstreams", [key("others", "a b"), key("others", "b c")], "a b c"],
    ["what keys name where nothing is known of upstreams", [key("a others b")], "a b"],
    ["nothing where nothing is known and nothing named", [key("others gpt-*")], ""],
    ["what others has, but for what a key names", [key("others", "a b"), key("b", "x")], "a b"],
    [
      "not what only the upstream of a key lists that would not be asked for it",
      [key("others", "a b"), key("b*", "c")],
      "a",
    ],
    [
      "not what a key of another API names",
      [key("others", "a gemini-x"), key("gemini-*", undefined, false)],
      "a",
    ],
    ["nothing of keys that speak another API", [key("a others", "a b", false)], ""],
    ["no model called others", [key("others", "others a")], "others a"],
  ])("%s", (_, offerings, expected) => {
    expect(offered(offerings)).toBe(expected);
  });

  test("the entry of a key that would be asked for the model", () => {
    const offerings = [key("others", "a b"), key("b", "b")];
    const offers = offersOf({ api: "openai", offerings, aliases: [], allowed: ["*"] });
    expect(offers.map(({ text }) => text)).toEqual(['{"id":"a","from":"others"}', '{"id":"b","from":"b"}']);
  });

  test("of all that only what it may use", () => {
    const offerings = [key("others", "gpt-4o gpt-5 o3")];
    const aliases = { fast: ["o3"] as [string], slow: ["o3"] as [string] };
    expect(offered(offerings, { aliases, allowed: ["gpt-*", "fast"] })).toBe("gpt-4o gpt-5 fast");
    expect(offered(offerings, { allowed: ["none"] })).toBe("");
  });
});

describe("an alias is offered", () => {
  test.each([
    ["where a model that it stands for is", [key("others", "a")], ["x", "a"], "a fast"],
    ["not where none is", [key("others", "a")], ["x", "y"], "a"],
    ["where it stands for what a key names", [key("x")], ["x"], "x fast"],
    ["where it is not known what there is", [key("others")], ["x"], "fast"],
  ])("%s", (_, offerings, models, expected) => {
    const [first = "", ...more] = models;
    expect(offered(offerings, { aliases: { fast: [first, ...more] } })).toBe(expected);
  });

  test("once, in the place of a model of its name", () => {
    expect(offered([key("others", "a b c")], { aliases: { b: ["c"] } })).toBe("a b c");
  });

  test("with the entry of the first model that it stands for, under its own name", () => {
    const question = {
      api: "openai" as const,
      offerings: [key("others", "a b")],
      aliases: [{ name: "fast", models: ["x", "b", "a"] as const }],
      allowed: ["*"],
    };
    expect(offerOf(question, "fast")?.text).toBe('{"id":"fast","from":"others"}');
    expect(offerOf(question, "slow")).toBeUndefined();
  });
});
