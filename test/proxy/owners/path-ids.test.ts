import { describe, expect, test } from "bun:test";

import { idsInPath, idsInQuery } from "../../../src/proxy/owners/path-ids.ts";

describe("the ids in a path", () => {
  test.each([
    ["openai", "/v1/files", "", []],
    ["openai", "/v1/files/file-abc123", "", ["file-abc123"]],
    ["openai", "/files/file-abc123/content", "", ["file-abc123"]],
    [
      "openai",
      "/v1/files/497f6eca-6276-4993-bfeb-53cbbbba6f09",
      "",
      ["497f6eca-6276-4993-bfeb-53cbbbba6f09"],
    ],
    ["openai", "/v1/fine_tuning/jobs/ftjob-AF1WoRq/cancel", "", ["ftjob-AF1WoRq"]],
    ["openai", "/v1/fine_tuning/jobs", "", []],
    ["openai", "/v1/threads/runs", "", []],
    ["openai", "/v1/threads/thread_1/runs/run_2/submit_tool_outputs", "", ["thread_1", "run_2"]],
    ["openai", "/v1/vector_stores/vs_1/files/file-2", "", ["vs_1", "file-2"]],
    ["openai", "/v1/chat/completions/chatcmpl-Abc", "", ["chatcmpl-Abc"]],
    ["openai", "/v1/realtime/calls/rtc_u1/hangup", "", ["rtc_u1"]],
    ["azure", "/openai/files/assistant-Abc", "", ["assistant-Abc"]],
    ["azure", "/openai/v1/responses/resp_1", "", ["resp_1"]],
    ["gemini-openai", "/v1beta/openai/files/files%2Fabc1", "", ["files/abc1"]],
    ["gemini-openai", "/v1beta/openai/batches/batches/abc/cancel", "", ["batches/abc"]],
    ["gemini-openai", "/v1beta/openai/batches/abc", "", ["batches/abc"]],
    ["anthropic", "/v1/messages/batches/msgbatch_01/results", "", ["msgbatch_01"]],
    ["anthropic", "/v1/skills/skill_01/versions/1759178010641129", "", ["skill_01"]],
    ["gemini", "/v1beta/files", "", []],
    ["gemini", "/v1beta/files/my-file", "", ["files/my-file"]],
    ["gemini", "/v1/files/abc:download", "?alt=media", ["files/abc"]],
    ["gemini", "/v1beta/tunedModels/mine:generateContent", "", ["tunedModels/mine"]],
    ["gemini", "/v1beta/models/veo-3/operations/abc", "", ["models/veo-3/operations/abc"]],
    ["gemini", "/v1beta/models/gemini-2.5-flash:batchGenerateContent", "", []],
    ["gemini", "/v1beta/fileSearchStores/s/documents/d", "", ["fileSearchStores/s"]],
    ["gemini", "/upload/v1beta/files", "?upload_id=AB-1&upload_protocol=resumable", ["upload_id AB-1"]],
    ["gemini", "/upload/v1beta/files", "", []],
    ["gemini", "/upload/v1beta/fileSearchStores/s:uploadToFileSearchStore", "", ["fileSearchStores/s"]],
    ["openai", "/v1/files/%zz", "", []],
  ] as const)("%s %s%s", (api, path, query, expected) => {
    expect<readonly string[]>(idsInPath(api, path, query).ids).toEqual(expected);
  });

  test.each([
    ["", []],
    ["?limit=20&after=file-1&after_id=file-2&before_id=file-3", []],
    ["?id=gen-1&scope_id=sess_2&api-version=2025-03-01", ["gen-1", "sess_2"]],
    ["?thread_id=&run_id=mine&user_id=12", []],
  ] as const)("beside those in the query %s: %p", (query, expected) => {
    expect<readonly string[]>(idsInQuery(query)).toEqual(expected);
  });

  test.each([
    ["openai", "/v1/files/file-1", true],
    ["openai", "/v1/vector_stores/vs_1/files/file-2", false],
    ["openai", "/v1/files/file-1/content", false],
    ["openai", "/v1/files", false],
    ["gemini", "/v1beta/files/abc", true],
    ["gemini", "/v1beta/fileSearchStores/s/documents/d", false],
  ] as const)("to delete %s %s deletes the thing itself: %p", (api, path, expected) => {
    expect(idsInPath(api, path, "").isThing).toBe(expected);
  });
});
