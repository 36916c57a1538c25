import { describe, expect, test } from "bun:test";

import { entryFor } from "../../../src/proxy/models/entry.ts";
import { type ListedModel, readListPage } from "../../../src/proxy/models/read-list.ts";

function listed(text: string): ListedModel {
  const model = readListPage(Buffer.from(`{"data":[${text}]}`))?.models[0];
  if (model === undefined) throw new Error("No model");
  return model;
}

const OPENAI = listed('{"id": "gpt-4o","created":1715367049.0 ,"object":"model","x":[1, 2]}');
const ANTHROPIC = listed(
  '{"type":"model","id":"claude-a","display_name":"A","created_at":"2025-02-19T00:00:00Z"}',
);
const GEMINI = listed(
  '{"name":"models/gemini-a","inputTokenLimit":1048576,"supportedGenerationMethods":["x"]}',
);
const GOOGLES_OPENAI = listed('{"id":"models/gemini-a","object":"model","owned_by":"google"}');

describe("a model in a list", () => {
  test.each([
    ["openai", OPENAI],
    ["azure", OPENAI],
    ["anthropic", ANTHROPIC],
    ["gemini", GEMINI],
    ["gemini-openai", GOOGLES_OPENAI],
  ] as const)("of %s is the upstream's to the byte where that has its form", (api, model) => {
    expect(entryFor(api, { id: model.id, listed: model, owner: "o" })).toBe(model.text);
  });

  test("that goes by another name has that, and no other byte changed", () => {
    expect(entryFor("openai", { id: 'fa"st', listed: OPENAI, owner: "o" })).toBe(
      '{"id": "fa\\"st","created":1715367049.0 ,"object":"model","x":[1, 2]}',
    );
    expect(entryFor("gemini", { id: "fast", listed: GEMINI, owner: "o" })).toBe(
      '{"name":"models/fast","inputTokenLimit":1048576,"supportedGenerationMethods":["x"]}',
    );
  });

  test("of Google, for a client of OpenAI's API, is called as that client has to ask for it", () => {
    expect(JSON.parse(entryFor("openai", { id: "gemini-a", listed: GOOGLES_OPENAI, owner: "o" }))).toEqual({
      id: "gemini-a",
      object: "model",
      owned_by: "google",
    });
  });

  test.each([
    ["openai", ANTHROPIC, { id: "claude-a", object: "model", created: 1_739_923_200, owned_by: "o" }],
    [
      "anthropic",
      OPENAI,
      { type: "model", id: "gpt-4o", display_name: "gpt-4o", created_at: "2024-05-10T18:50:49.000Z" },
    ],
    [
      "gemini",
      OPENAI,
      {
        name: "models/gpt-4o",
        displayName: "gpt-4o",
        supportedGenerationMethods: ["generateContent", "countTokens"],
      },
    ],
  ] as const)(
    "for clients of %s is made anew where the upstream has another form",
    (api, model, expected) => {
      const entry: unknown = JSON.parse(entryFor(api, { id: model.id, listed: model, owner: "o" }));
      expect(entry).toEqual(expected);
    },
  );

  test("that no upstream lists has what every client needs", () => {
    const made = (api: Parameters<typeof entryFor>[0], id: string): unknown =>
      JSON.parse(entryFor(api, { id, listed: undefined, owner: "openai" }));
    expect(made("openai", "new")).toEqual({ id: "new", object: "model", created: 0, owned_by: "openai" });
    expect(made("gemini-openai", "new")).toMatchObject({ id: "models/new" });
    expect(made("anthropic", "new")).toMatchObject({ created_at: "1970-01-01T00:00:00.000Z" });
    expect(made("gemini", "text-embedding-9")).toMatchObject({
      supportedGenerationMethods: ["embedContent", "countTokens"],
    });
  });
});
