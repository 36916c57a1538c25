import { expect, test } from "bun:test";

import { furtherModels } from "../../src/proxy/further-models.ts";

const modelsIn = (body: object | string) =>
  furtherModels(Buffer.from(typeof body === "string" ? body : JSON.stringify(body)));

test.each<[string, object | string, string[]]>([
  ["OpenRouter's fallbacks", { model: "a", models: ["b", "c"] }, ["b", "c"]],
  ["one request of a batch", { requests: [{ params: { model: "b" } }] }, ["b"]],
  ["several", { requests: [{ params: { model: "b" } }, { params: { model: "c" } }] }, ["b", "c"]],
  ["the data of an eval", { data_source: { type: "completions", model: "b" } }, ["b"]],
  ["a tool", { model: "a", tools: [{ type: "image_generation", model: "b" }] }, ["a", "b"]],
  ["Google's request within", { generateContentRequest: { model: "models/b" } }, ["b"]],
  ["a name that is spelled in escapes", '{"model":"a","x":{"mod\\u0065l":"b"}}', ["a", "b"]],
])("the models of %s", (_, body, models) => {
  expect(modelsIn(body)).toEqual(models);
});

test.each<[string, object]>([
  ["metadata", { model: "a", metadata: { model: "b" } }],
  ["what a function takes", { model: "a", tools: [{ parameters: { properties: { model: {} } } }] }],
  ["what a model called", { model: "a", messages: [{ type: "tool_use", input: { model: "b" } }] }],
  ["a row of an eval", { model: "a", content: [{ item: { model: "b" } }] }],
  ["an example of a tool's input", { model: "a", tools: [{ input_examples: [{ model: "b" }] }] }],
  ["Google's schema", { tools: [{ parametersJsonSchema: { default: { model: "b" } } }] }],
  ["Google's schema of the answer", { generationConfig: { responseSchema: { example: { model: "b" } } } }],
  ["a label", { labels: { model: "b" } }],
  ["what a tool gave", { model: "a", input: [{ type: "function_result", result: { model: "b" } }] }],
  ["what fills in a prompt", { model: "a", prompt: { id: "p", variables: { model: "b" } } }],
  ["words", { model: "a", messages: [{ role: "user", content: '"model": "b"' }] }],
])("no model is %s", (_, body) => {
  expect(modelsIn(body)).not.toContain("b");
});
