import { describe, expect, test } from "bun:test";

import { destinationOf, maskedSecret, type NewSecret } from "../../src/setup/new-key.ts";

const NOTHING = { provider: undefined, url: undefined };

function variable(name: string, value?: string): NewSecret {
  return { kind: "variable", name, value };
}

describe("where a key is good for", () => {
  test.each<[string, NewSecret, string | undefined]>([
    ["its shape tells", { kind: "typed", value: "sk-ant-1" }, "https://api.anthropic.com"],
    ["the shape of what a variable holds tells", variable("MY_KEY", "gsk_1"), "https://api.groq.com/openai"],
    ["the variable's name tells", variable("MISTRAL_API_KEY_2"), "https://api.mistral.ai"],
    ["Google's name tells", variable("GOOGLE_API_KEY"), "https://generativelanguage.googleapis.com"],
    ["the shape wins over the name", variable("OPENAI_API_KEY", "sk-or-v1-1"), "https://openrouter.ai/api"],
    [
      "the name that it stood behind tells",
      { kind: "typed", value: "0123456789", name: "MISTRAL_API_KEY" },
      "https://api.mistral.ai",
    ],
    ["nothing tells", { kind: "typed", value: "0123456789" }, undefined],
  ])("%s", (_, secret, url) => {
    expect(destinationOf(secret, NOTHING)?.url).toBe(url);
  });

  test("what a person says wins", () => {
    const secret: NewSecret = { kind: "typed", value: "sk-ant-1" };
    expect(destinationOf(secret, { ...NOTHING, provider: "openai" })?.provider).toBe("openai");
    expect(destinationOf(secret, { ...NOTHING, url: "https://x.example" })).toEqual({
      provider: "compatible",
      url: "https://x.example",
    });
    expect(destinationOf(secret, { provider: "azure", url: undefined })).toBeUndefined();
  });
});

test("a secret shows at most its last four characters, a short one none", () => {
  expect(maskedSecret({ kind: "typed", value: "sk-0123456789abcdef" })).toBe("…cdef");
  expect(maskedSecret({ kind: "typed", value: "sk-1234" })).toBe("…");
});
