import { describe, expect, test } from "bun:test";

import { endpointOf } from "../../../src/proxy/owners/endpoint.ts";

describe("an endpoint that any key may serve", () => {
  test.each([
    ["openai", "POST", "/v1/embeddings"],
    ["openai", "POST", "/v1/completions"],
    ["openai", "POST", "/v1/audio/speech"],
    ["openai", "POST", "/v1/audio/transcriptions"],
    ["openai", "POST", "/v1/images/generations"],
    ["openai", "POST", "/v1/moderations"],
    ["openai", "POST", "/v1/realtime/client_secrets"],
    ["openai", "GET", "/v1/models"],
    ["openai", "GET", "/v1/models/gpt-4o"],
    ["azure", "POST", "/openai/deployments/emb-1/embeddings"],
    ["gemini-openai", "POST", "/v1beta/openai/embeddings"],
    ["anthropic", "GET", "/v1/models"],
    ["anthropic", "POST", "/v1/complete"],
    ["gemini", "GET", "/v1beta/models"],
    ["gemini", "GET", "/v1beta/models/gemini-2.5-flash"],
  ] as const)("%s %s %s", (api, method, path) => {
    expect(endpointOf(api, method, path).kind).toBe("plain");
  });
});

describe("an endpoint that may name things in its body", () => {
  test.each([
    ["openai", "POST", "/v1/chat/completions"],
    ["openai", "POST", "/chat/completions"],
    ["openai", "POST", "/v1/responses"],
    ["openai", "POST", "/v1/responses/input_tokens"],
    ["openai", "POST", "/v1/images/edits"],
    ["azure", "POST", "/openai/deployments/gpt-4o/chat/completions"],
    ["azure", "POST", "/openai/v1/responses"],
    ["gemini-openai", "POST", "/v1beta/openai/chat/completions"],
    ["anthropic", "POST", "/v1/messages"],
    ["anthropic", "POST", "/v1/messages/count_tokens"],
    ["gemini", "POST", "/v1beta/models/gemini-2.5-flash:generateContent"],
    ["gemini", "POST", "/v1/models/gemini-2.5-flash:streamGenerateContent"],
    ["gemini", "POST", "/v1beta/interactions"],
  ] as const)("%s %s %s", (api, method, path) => {
    expect(endpointOf(api, method, path).kind).toBe("generating");
  });
});

describe("an endpoint that is about things", () => {
  test.each([
    ["openai", "POST", "/v1/files"],
    ["openai", "GET", "/v1/chat/completions"],
    ["openai", "GET", "/v1/chat/completions/chatcmpl-1"],
    ["openai", "POST", "/v1/chat/completions/chatcmpl-1"],
    ["openai", "GET", "/v1/responses/resp_1"],
    ["openai", "POST", "/v1/responses/resp_1/cancel"],
    ["openai", "POST", "/v1/threads/thread_1/messages"],
    ["openai", "POST", "/v1/something_new"],
    ["openai", "DELETE", "/v1/models/ft:gpt-4o:org::id"],
    ["azure", "GET", "/openai/files/assistant-1"],
    ["anthropic", "POST", "/v1/messages/batches"],
    ["anthropic", "GET", "/v1/messages/batches/msgbatch_1/results"],
    ["gemini", "POST", "/upload/v1beta/files"],
    ["gemini", "POST", "/v1beta/models/gemini-2.5-flash:batchGenerateContent"],
    ["gemini", "POST", "/v1beta/tunedModels/mine:generateContent"],
    ["gemini", "GET", "/v1beta/models/veo-3/operations/abc"],
  ] as const)("%s %s %s", (api, method, path) => {
    expect(endpointOf(api, method, path).kind).toBe("resource");
  });
});
