import { describe, expect, test } from "bun:test";

import { readKeyTexts } from "../../src/setup/key-texts.ts";

describe("the keys in a text", () => {
  test.each([
    ["one a line", "sk-1\nsk-2\n", ["sk-1", "sk-2"]],
    ["with commas and spaces", " sk-1, sk-2;sk-3\tsk-4 ", ["sk-1", "sk-2", "sk-3", "sk-4"]],
    [
      "of a .env",
      "# mine\nexport OPENAI_API_KEY=sk-1\nB='sk-2' # two\nC=\"sk-3\"\r\n",
      ["sk-1", "sk-2", "sk-3"],
    ],
    ["each once", "sk-1 sk-1", ["sk-1"]],
    ["that end as base64 does", "abc==\nA=abd==", ["abc==", "abd=="]],
    ["behind a byte order mark", "\uFEFFsk-1", ["sk-1"]],
    ["none", "\n# nothing\n", []],
  ])("%s", (_, text, secrets) => {
    expect(readKeyTexts(text)).toEqual({ secrets, problems: [] });
  });

  test("what cannot be a key is told by its line, never by its text", () => {
    const { secrets, problems } = readKeyTexts("sk-1\n“sk-secret”\n");
    expect(secrets).toEqual(["sk-1"]);
    expect(problems).toEqual([expect.stringContaining("line 2")]);
    expect(problems.join("")).not.toContain("secret");
  });
});
