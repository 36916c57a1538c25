import { describe, expect, test } from "bun:test";

import { candidatesFor } from "../../../src/commands/completions/candidates.ts";
import { keycycle } from "../../../src/commands/keycycle.ts";

/** What may be typed behind a command line; its last word is the one that is typed. */
async function complete(line: string): Promise<string[] | "files"> {
  const words = line.split(" ");
  const candidates = await candidatesFor(keycycle, words.slice(0, -1), words.at(-1) ?? "", {
    keyNames: (config) => (config === undefined ? ["openai-1", "groq-1"] : [`of-${config}`]),
    variables: ["OPENAI_API_KEY"],
  });
  return candidates.kind === "files" ? "files" : candidates.words.map(({ word }) => word);
}

describe("what may be typed next", () => {
  test.each<[string, string[] | "files"]>([
    ["ver", ["version"]],
    ["--v", ["--version"]],
    ["keys ", ["list", "enable", "disable", "reset", "add", "remove"]],
    ["help ke", ["keys"]],
    ["help keys re", ["reset", "remove"]],
    ["check --", ["--config", "--live", "--json", "--help", "--no-color"]],
    ["check --live --", ["--config", "--json", "--help", "--no-color"]],
    ["check --config ", "files"],
    ["check --config=", "files"],
    ["keys remove ", ["openai-1", "groq-1"]],
    ["keys remove o", ["openai-1"]],
    ["keys remove openai-1 ", []],
    ["keys remove --config x.yaml ", ["of-x.yaml"]],
    ["keys remove --config=x.yaml ", ["of-x.yaml"]],
    ["keys add --key-env ", ["OPENAI_API_KEY"]],
    ["keys add --store ", ["env", "file"]],
    ["keys add --store=e", ["--store=env"]],
    ["keys add --url ", []],
    ["serve --log-level w", ["warn"]],
    ["completions z", ["zsh"]],
    ["nonsense ", []],
  ])("%j: %j", async (line, words) => {
    expect(await complete(line)).toEqual(words);
  });
});
