import { describe, expect, test } from "bun:test";

import { findModel, type FoundModel, type ModelQuestion } from "../../src/proxy/find-model.ts";

function ask(fields: Partial<Omit<ModelQuestion, "body">> & { body?: string }): FoundModel {
  return findModel({
    api: "openai",
    method: "POST",
    path: "/v1/chat/completions",
    query: "",
    contentType: "application/json",
    ...fields,
    body: fields.body === undefined ? undefined : Buffer.from(fields.body),
  });
}

const found = (model: string) => ({ kind: "found", model });

const FORM = "multipart/form-data; boundary=x";
const FORM_BODY = '--x\r\nContent-Disposition: form-data; name="model"\r\n\r\nwhisper-1\r\n--x--\r\n';

describe("the model of a request", () => {
  test.each<[string, Parameters<typeof ask>[0], string]>([
    ["stands in the JSON body", { body: '{"messages":[],"model":"gpt-4o"}' }, "gpt-4o"],
    [
      "stands in a body of some JSON type",
      { contentType: "application/json; charset=utf-8", body: '{"model":"o3"}' },
      "o3",
    ],
    ["stands in the JSON body in another case", { body: '{"Model":"gpt-4o"}' }, "gpt-4o"],
    ["stands in a body without a type", { contentType: "", body: '{"model":"o3"}' }, "o3"],
    [
      "stands in what curl calls a form",
      { contentType: "application/x-www-form-urlencoded", body: '{"model":"o3"}' },
      "o3",
    ],
    [
      "stands in a form",
      { path: "/v1/audio/transcriptions", contentType: FORM, body: FORM_BODY },
      "whisper-1",
    ],
    [
      "stands in the query",
      { method: "GET", path: "/v1/realtime", query: "?model=gpt-realtime", contentType: "" },
      "gpt-realtime",
    ],
    [
      "stands in the query with escapes",
      { method: "GET", path: "/v1/realtime", query: "?a=1&model=a%2Fb", contentType: "" },
      "a/b",
    ],
    [
      "stands in Gemini's path",
      { api: "gemini", path: "/v1beta/models/gemini-2.5-flash:generateContent", body: '{"contents":[]}' },
      "gemini-2.5-flash",
    ],
    [
      "stands in Gemini's path, whatever the body says",
      {
        api: "gemini",
        path: "/v1beta/models/gemini-2.5-flash:batchEmbedContents",
        body: '{"model":"models/other"}',
      },
      "gemini-2.5-flash",
    ],
    [
      "stands in Gemini's body for cached contents",
      { api: "gemini", path: "/v1beta/cachedContents", body: '{"model":"models/gemini-2.5-flash"}' },
      "gemini-2.5-flash",
    ],
    [
      "stands in Azure's path",
      { api: "azure", path: "/openai/deployments/my-gpt/chat/completions", body: "{}" },
      "my-gpt",
    ],
    [
      "stands in Azure's path with escapes",
      { api: "azure", path: "/openai/deployments/my%20gpt/chat/completions", body: "{}" },
      "my gpt",
    ],
    [
      "stands in Azure's body under /openai/v1",
      { api: "azure", path: "/openai/v1/chat/completions", body: '{"model":"my-gpt"}' },
      "my-gpt",
    ],
    [
      "stands in Anthropic's body",
      { api: "anthropic", path: "/v1/messages", body: '{"model":"claude-opus-4-5"}' },
      "claude-opus-4-5",
    ],
    [
      "stands in the query of Azure's preview as a deployment",
      { api: "azure", method: "GET", path: "/openai/realtime", query: "?deployment=my-gpt", contentType: "" },
      "my-gpt",
    ],
    [
      "stands in the session of a client secret",
      { path: "/v1/realtime/client_secrets", body: '{"session":{"type":"realtime","model":"gpt-realtime"}}' },
      "gpt-realtime",
    ],
    [
      "stands in the session of a client secret for translations",
      {
        path: "/v1/realtime/translations/client_secrets",
        body: '{"session":{"model":"gpt-realtime-translate"}}',
      },
      "gpt-realtime-translate",
    ],
    [
      "stands in a session that only transcribes",
      {
        path: "/v1/realtime/client_secrets",
        body: '{"session":{"audio":{"input":{"transcription":{"model":"whisper-1"}}}}}',
      },
      "whisper-1",
    ],
    [
      "stands in the session of a call's form",
      {
        path: "/v1/realtime/calls",
        contentType: FORM,
        body: FORM_BODY.replace("model", "session").replace("whisper-1", '{"model":"gpt-realtime"}'),
      },
      "gpt-realtime",
    ],
    [
      "stands in the setup of a Live session",
      {
        api: "gemini",
        method: "GET",
        path: "/ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent",
        body: '{"setup":{"model":"models/gemini-live"}}',
      },
      "gemini-live",
    ],
    [
      "stands in what a token of Google's is bound to",
      {
        api: "gemini",
        path: "/v1alpha/auth_tokens",
        body: '{"uses":1,"bidiGenerateContentSetup":{"model":"models/gemini-live"}}',
      },
      "gemini-live",
    ],
    [
      "is none in the session of another path",
      { path: "/v1/other", body: '{"session":{"model":"gpt-realtime"}}' },
      "",
    ],
    ["is none for a list of models", { method: "GET", path: "/v1/models", contentType: "" }, ""],
    [
      "is none for a model that is asked about",
      { api: "gemini", method: "GET", path: "/v1beta/models/gemini-2.5-flash", contentType: "" },
      "",
    ],
    [
      "is none for a file",
      { path: "/v1/files", contentType: FORM, body: FORM_BODY.replace("model", "purpose") },
      "",
    ],
    ["is none in a nested object", { path: "/v1/batches", body: '{"metadata":{"model":"gpt-4o"}}' }, ""],
    ["is none in a list", { path: "/v1/other", body: '[{"model":"gpt-4o"}]' }, ""],
    [
      "is none in a message of a thread",
      { path: "/v1/threads/thread_a/messages", body: '{"role":"user"}' },
      "",
    ],
    [
      "is none where null leaves it to the assistant",
      { path: "/v1/threads/thread_a/runs", body: '{"model":null}' },
      "",
    ],
    [
      "is none in a body of bytes",
      { path: "/upload/v1beta/files", api: "gemini", contentType: "application/pdf", body: "%PDF-1.7 {" },
      "",
    ],
    [
      "is none in bytes that curl calls a form",
      {
        path: "/upload/v1beta/files",
        api: "gemini",
        contentType: "application/x-www-form-urlencoded",
        body: "%PDF-1.7 {",
      },
      "",
    ],
    [
      "is none in bytes without a type",
      { path: "/upload/v1beta/files", api: "gemini", contentType: "", body: "\u0000\u0001{" },
      "",
    ],
    ["is none in plain text", { path: "/v1/other", contentType: "text/plain", body: "Hello {" }, ""],
    [
      "is none in a real form of fields",
      { path: "/oauth/token", contentType: "application/x-www-form-urlencoded", body: "Grant=a&b=c" },
      "",
    ],
  ])("%s", (_, fields, model) => {
    expect(ask(fields)).toMatchObject(found(model));
  });
});

describe("a request that cannot be served", () => {
  test.each<[string, Parameters<typeof ask>[0], string]>([
    ["names no model", { body: '{"messages":[]}' }, "missing_model"],
    ["has no body", {}, "missing_model"],
    ["names an empty model", { body: '{"model":""}' }, "missing_model"],
    ["has JSON that breaks off", { body: '{"model":"gpt-4o","messages":[' }, "invalid_json"],
    [
      "has JSON that breaks off under curl's type",
      { contentType: "application/x-www-form-urlencoded", body: '{"model":"gpt-4o"' },
      "invalid_json",
    ],
    ["names two models", { body: '{"model":"gpt-4o","model":"o3"}' }, "duplicate_model"],
    ["names two models in a different case", { body: '{"Model":"gpt-4o","model":"o3"}' }, "duplicate_model"],
    [
      "names two models, whatever its type",
      { contentType: "application/x-own", body: '{"model":"gpt-4o","model":"o3"}' },
      "duplicate_model",
    ],
    ["names a number", { body: '{"model":4}' }, "invalid_model"],
    ["names a list", { body: '{"model":["gpt-4o"]}' }, "invalid_model"],
    ["names a novel", { body: `{"model":"${"x".repeat(300)}"}` }, "invalid_model"],
    [
      "has a broken escape in its path",
      { api: "azure", path: "/openai/deployments/%zz/chat/completions", body: "{}" },
      "invalid_model",
    ],
    [
      "has a form without its boundary",
      { path: "/v1/audio/transcriptions", contentType: FORM, body: "nothing" },
      "invalid_form",
    ],
    [
      "has a form without a model",
      { path: "/v1/audio/transcriptions", contentType: FORM, body: FORM_BODY.replace("model", "file") },
      "missing_model",
    ],
    ["asks a version-less endpoint for no model", { path: "/chat/completions", body: "{}" }, "missing_model"],
  ])("%s", (_, fields, code) => {
    expect(ask(fields)).toMatchObject({ kind: "invalid", code });
  });

  test("is told where its JSON is wrong", () => {
    expect(ask({ body: '{"model":"gpt-4o",}' })).toMatchObject({
      message: expect.stringContaining("byte 18"),
    });
  });
});
