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
    [
      "of JSON",
      '{"key": "xai-1"},\n{ "model": "gpt-4o", "api_key":"sk-2", "url": "https://x.example" }',
      ["xai-1", "sk-2"],
    ],
    ["of a list in JSON", '{ "keys": ["sk-1",\n "sk-2"],\n "models": ["a"] }', ["sk-1", "sk-2"]],
    [
      "of YAML",
      "keys:\n  - sk-1\n  - 'sk-2'\n- api_key: sk-3 # three\n  url: https://x.example\n",
      ["sk-1", "sk-2", "sk-3"],
    ],
    ["of shells", 'set A=sk-1\n$env:B = "sk-2"\nC=`sk-3`', ["sk-1", "sk-2", "sk-3"]],
    ["with what looks like a variable", '"sk-${A}"', ["sk-${A}"]],
    ["with a colon", "0123-abc:sk-1", ["0123-abc:sk-1"]],
    ["none", "\n# nothing\n", []],
  ])("%s", (_, text, secrets) => {
    const read = readKeyTexts(text);
    expect(read.secrets.map(({ value }) => value)).toEqual(secrets);
    expect(read.problems).toEqual([]);
  });

  test("have the names that they stand behind", () => {
    const { secrets } = readKeyTexts('A_KEY=one\n"B_KEY": "two"\nthree');
    expect(secrets.map(({ name }) => name)).toEqual(["A_KEY", "B_KEY", undefined]);
  });

  test("what cannot be a key is told by its line, never by its text", () => {
    const { secrets, problems } = readKeyTexts('sk-1\n“sk-secret”\nsk-a"b}secret\n');
    expect(secrets).toEqual([{ value: "sk-1", name: undefined }]);
    expect(problems).toEqual([expect.stringContaining("line 2"), expect.stringContaining("line 3")]);
    expect(problems.join("")).not.toContain("secret");
  });
});
