import { describe, expect, test } from "bun:test";

import { importText } from "../../../src/setup/import/import.ts";

const NOBODY_SAID = { provider: undefined, url: undefined };
const SEED = `{
  // the first version's
  "apiKeys": [
    { "key": "sk-one", "url": "https://api.openai.com/v1", "models": "gpt-4o, others" },
    { "key": "\${TWO}", "url": "https://openrouter.ai/api/v1", "models": ["deepseek/*"], "priority": 1 },
    { "url": "https://api.openai.com" },
  ],
  "port": 3456,
}`;

describe("the first version's config.json", () => {
  const { kind, draft, notes } = importText(SEED, NOBODY_SAID);

  test("is recognised with its comments and trailing commas", () => {
    expect(kind).toBe("KeyCycle configuration");
    expect(draft.entries).toEqual([
      {
        destination: { provider: "openai", url: "https://api.openai.com/v1" },
        secrets: [{ kind: "typed", value: "sk-one" }],
        models: ["gpt-4o", "others"],
      },
      {
        destination: { provider: "openrouter", url: "https://openrouter.ai/api/v1" },
        secrets: [{ kind: "variable", name: "TWO", value: undefined }],
        models: ["deepseek/*"],
        priority: 1,
      },
    ]);
  });

  test("says what is not taken over", () => {
    expect(notes).toEqual([
      "port is left out: add it by hand.",
      "apiKeys[2] is left out: it has no key or no url, or one that is no text.",
    ]);
  });
});

describe("LiteLLM's model_list", () => {
  const item = (model_name: string, params: object) => ({ model_name, litellm_params: params });
  const imported = (...model_list: object[]) => importText(JSON.stringify({ model_list }), NOBODY_SAID);

  test("has an entry for each key, with all of its models", () => {
    const { draft } = imported(
      item("gpt-4o", { model: "gpt-4o", api_key: "sk-one" }),
      item("mini", { model: "openai/gpt-4o-mini", api_key: "sk-one" }),
      item("gpt-4o", { model: "azure/my-gpt", api_key: "k", api_base: "https://x.openai.azure.com/" }),
    );
    expect(draft.entries.map(({ destination, models }) => [destination.url, models])).toEqual([
      ["https://api.openai.com", ["gpt-4o", "gpt-4o-mini"]],
      ["https://x.openai.azure.com", ["my-gpt"]],
    ]);
    expect([...draft.aliases]).toEqual([
      ["gpt-4o", ["gpt-4o", "my-gpt"]],
      ["mini", ["gpt-4o-mini"]],
    ]);
  });

  test("takes the provider's usual variable where no key is written", () => {
    const { draft } = imported(item("*", { model: "groq/*" }));
    expect(draft.entries[0]).toMatchObject({
      secrets: [{ kind: "variable", name: "GROQ_API_KEY" }],
      models: ["others"],
    });
  });

  test("takes what each model at a key may use for the key, where all are bounded", () => {
    const { draft } = imported(
      item("a", { model: "openai/a", api_key: "sk-one", rpm: 50, tpm: 1_000 }),
      item("b", { model: "openai/b", api_key: "sk-one", rpm: 10 }),
    );
    expect(draft.entries.map(({ limits }) => limits)).toEqual([{ rpm: 60 }]);
  });

  test("gives servers that need no key one that says so", () => {
    const { draft, notes } = imported(
      item("llama", { model: "ollama/llama3" }),
      item("mine", { model: "hosted_vllm/mine", api_base: "http://10.0.0.5:8000/v1" }),
    );
    expect(notes).toEqual([]);
    expect(
      draft.entries.map(({ destination, secrets, models }) => [destination.url, secrets, models]),
    ).toEqual([
      ["http://localhost:11434", [{ kind: "typed", value: "none" }], ["llama3"]],
      ["http://10.0.0.5:8000/v1", [{ kind: "typed", value: "none" }], ["mine"]],
    ]);
  });

  test.each([
    [{ model: "bedrock/x" }, "is of a provider that KeyCycle does not speak to"],
    [{ model: "hosted_vllm/x" }, "has no api_base"],
    [
      { model: "openai/x", api_base: "os.environ/BASE" },
      "has its api_base in a variable: write the URL itself",
    ],
    [{}, "has no model_name or no litellm_params.model"],
    [{ model: "gpt-4o, gpt-5" }, "has a model that a configuration cannot name"],
    [{ model: "openai/gpt\u0007" }, "has a model that a configuration cannot name"],
  ])("leaves out %o", (params, why) => {
    expect(imported(item("x", params)).notes).toEqual([`model_list[0] is left out: it ${why}.`]);
  });

  test("leaves out a model_name that cannot be seen", () => {
    const { notes, draft } = imported(item("x\u0007", { model: "openai/gpt-5" }), item("y", { model: "o3" }));
    expect(notes).toEqual([
      "model_list[0] is left out: it has a model_name that a configuration cannot have.",
    ]);
    expect(draft.entries.flatMap(({ models }) => models ?? [])).toEqual(["o3"]);
  });
});

test("a list of keys is told by their shapes, and what has none waits for a word", () => {
  const { kind, draft, unrecognised } = importText("sk-ant-1\nGROQ=gsk_2 # b\nwho-knows-3\n", NOBODY_SAID);
  expect(kind).toBe("list of keys");
  expect(draft.entries.map(({ destination }) => destination.provider)).toEqual(["anthropic", "groq"]);
  expect(unrecognised).toEqual([{ kind: "typed", value: "who-knows-3", which: "the 3rd of 3" }]);
});
