import { describe, expect, test } from "bun:test";

import type { Api } from "../../../src/providers/api.ts";
import { readQuestion } from "../../../src/proxy/models/question.ts";

/** `list`, `one ID`, or `none`. */
function question(api: Api, path: string, method = "GET", bases: readonly string[] = []): string {
  const found = readQuestion({ api, method, path }, () => bases);
  if (found === undefined) return "none";
  return found.kind === "list" ? "list" : `one ${found.id}`;
}

describe("what is asked of the models", () => {
  test.each<[Api, string, string]>([
    ["openai", "/v1/models", "list"],
    ["openai", "/models", "list"],
    ["openai", "/v1/models/", "list"],
    ["openai", "/v1/models/gpt-4o", "one gpt-4o"],
    ["openai", "/v1/models/ft:gpt-4o-mini:acme::abc", "one ft:gpt-4o-mini:acme::abc"],
    ["openai", "/v1/models/deepseek/deepseek-chat", "one deepseek/deepseek-chat"],
    ["openai", "/v1/models/deepseek%2Fdeepseek-chat", "one deepseek/deepseek-chat"],
    ["openai", "/v1/models/accounts/acme/models/llama", "one accounts/acme/models/llama"],
    ["openai", "/v1/models/a%20b", "one a b"],
    ["openai", "/v1/models/user", "none"],
    ["openai", "/v1/models/deepseek/deepseek-chat/endpoints", "none"],
    ["openai", "/v1/models/%zz", "none"],
    ["openai", "/v1/modelsx", "none"],
    ["openai", "/v1/organization/models", "none"],
    ["openai", "/v1/fine_tuning/models", "none"],
    ["anthropic", "/v1/models", "list"],
    ["anthropic", "/v1/models/claude-opus-4-5", "one claude-opus-4-5"],
    ["gemini", "/v1beta/models", "list"],
    ["gemini", "/v1/models", "list"],
    ["gemini", "/v1alpha/models", "list"],
    ["gemini", "/v1beta/models/gemini-2.5-flash", "one gemini-2.5-flash"],
    ["gemini", "/v1beta/models/gemini-2.5-flash:generateContent", "none"],
    ["gemini", "/v1beta/models/veo-3/operations/abc", "none"],
    ["gemini", "/v1beta/tunedModels/abc", "none"],
    ["gemini-openai", "/v1beta/openai/models", "list"],
    ["gemini-openai", "/v1beta/openai/models/gemini-2.5-flash", "one gemini-2.5-flash"],
    ["gemini-openai", "/v1beta/openai/models/models%2Fgemini-2.5-flash", "one gemini-2.5-flash"],
    ["azure", "/openai/models", "list"],
    ["azure", "/openai/v1/models", "list"],
    ["azure", "/openai/v1/models/gpt-4o", "one gpt-4o"],
    ["azure", "/openai/deployments/models", "none"],
  ])("%s %s: %s", (api, path, expected) => {
    expect(question(api, path)).toBe(expected);
  });

  test.each([
    ["/api/v1/models", "list"],
    ["/api/v1/models/a/b", "one a/b"],
    ["/team-a/v1/models", "list"],
    ["/team-a/models", "list"],
    ["/other/v1/models", "none"],
  ])("with the keys' base paths in front: %s: %s", (path, expected) => {
    expect(question("openai", path, "GET", ["", "/v1", "/api/v1", "/team-a"])).toBe(expected);
  });

  test("by HEAD as by GET, and by nothing else", () => {
    expect(question("openai", "/v1/models", "HEAD")).toBe("list");
    expect(question("openai", "/v1/models/ft:mine", "DELETE")).toBe("none");
    expect(question("openai", "/v1/models", "POST")).toBe("none");
  });
});
