import { describe, expect, test } from "bun:test";

import { type Api, apiOf } from "../../src/providers/api.ts";

describe("the API that a client speaks", () => {
  test.each<[string, Api]>([
    ["/v1/chat/completions", "openai"],
    ["/v1/responses", "openai"],
    ["/v1/models", "openai"],
    ["/v1/models/gpt-4o", "openai"],
    ["/v1/models/ft:gpt-4o-mini:acme::abc123", "openai"],
    ["/v1/files/file-abc/content", "openai"],
    ["/v1/threads/thread_abc/messages", "openai"],
    ["/v1/realtime", "openai"],
    ["/chat/completions", "openai"],
    ["/api/v1/chat/completions", "openai"],
    ["/inference/v1/chat/completions", "openai"],
    ["/v1/messages", "anthropic"],
    ["/v1/messages/count_tokens", "anthropic"],
    ["/v1/messages/batches/msgbatch_abc/results", "anthropic"],
    ["/v1/complete", "anthropic"],
    ["/v1beta/models/gemini-2.5-flash:generateContent", "gemini"],
    ["/v1beta/models/gemini-2.5-flash:streamGenerateContent", "gemini"],
    ["/v1beta/models", "gemini"],
    ["/v1beta/cachedContents", "gemini"],
    ["/v1beta/files/abc", "gemini"],
    ["/v1beta/interactions", "gemini"],
    ["/v1alpha/models/gemini-2.5-flash:generateContent", "gemini"],
    ["/upload/v1beta/files", "gemini"],
    ["/ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent", "gemini"],
    ["/download/v1beta/files/abc:download", "gemini"],
    ["/v1/models/gemini-2.5-flash:generateContent", "gemini"],
    ["/v1beta/openai/chat/completions", "gemini-openai"],
    ["/v1beta/openai/models", "gemini-openai"],
    ["/openai/deployments/my-gpt/chat/completions", "azure"],
    ["/openai/v1/chat/completions", "azure"],
    ["/openai/models", "azure"],
    ["/", "openai"],
  ])("%s: %s", (path, api) => {
    expect(apiOf(path, new Headers())).toBe(api);
  });

  test.each(["/v1/models", "/v1/files", "/v1/files/file_abc", "/anthropic/v1/messages", "/api/v1/messages"])(
    "%s with anthropic-version is Anthropic's",
    (path) => {
      expect(apiOf(path, new Headers({ "anthropic-version": "2023-06-01" }))).toBe("anthropic");
    },
  );
});
