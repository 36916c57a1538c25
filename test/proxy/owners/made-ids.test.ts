import { describe, expect, test } from "bun:test";

import { encryptedId } from "../../../src/proxy/owners/body-ids.ts";
import { idOfThing, idsInText } from "../../../src/proxy/owners/made-ids.ts";

describe("the ids that an answer tells", () => {
  test("of a response: itself, its items, its reasoning, its container", () => {
    const encrypted_content = `gAAAAAB${"x1Y2".repeat(30)}`;
    const text = JSON.stringify({
      id: "resp_0a18166210",
      output: [
        { type: "reasoning", id: "rs_0a18166211", encrypted_content },
        {
          type: "function_call",
          id: "fc_0a18166212",
          call_id: "call_0a18166213",
          arguments: '{"id":"file-0000001"}',
        },
        {
          type: "message",
          id: "msg_0a1816621",
          content: [{ annotations: [{ container_id: "cntr_0a18166", file_id: "cfile_0a1816" }] }],
        },
      ],
    });
    expect(idsInText("openai", "/v1/responses", text)).toEqual([
      "resp_0a18166210",
      "rs_0a18166211",
      "fc_0a18166212",
      "msg_0a1816621",
      "cntr_0a18166",
      "cfile_0a1816",
      encryptedId(encrypted_content),
    ]);
  });

  test("of a response that is not stored: what its container has, and its reasoning", () => {
    const encrypted_content = `gAAAAAB${"x1Y2".repeat(30)}`;
    const text = JSON.stringify({
      id: "resp_0a18166210",
      store: false,
      output: [
        { type: "reasoning", id: "rs_0a18166211", encrypted_content },
        { container_id: "cntr_0a18166" },
      ],
    });
    expect(idsInText("openai", "/v1/responses", text)).toEqual([
      "cntr_0a18166",
      encryptedId(encrypted_content),
    ]);
  });

  test("of a message: what its code has made, and not the calls of tools", () => {
    const text = JSON.stringify({
      container: { id: "container_01aBcD" },
      content: [
        { type: "server_tool_use", id: "srvtoolu_01aBcD" },
        { type: "bash_code_execution_tool_result", tool_use_id: "srvtoolu_01aBcD", file_id: "file_01aBcD" },
      ],
    });
    expect(idsInText("anthropic", "/v1/messages", text)).toEqual(["container_01aBcD", "file_01aBcD"]);
  });

  test("of a stream, from any part of it", () => {
    const text =
      'event: response.created\ndata: {"type":"response.created","response":{"id":"resp_0a18166210","object';
    expect(idsInText("openai", "/v1/responses", text)).toEqual(["resp_0a18166210"]);
  });

  test("of a batch: its files, and not the ids of who asked", () => {
    const text =
      '{"id": "batch_abc123", "output_file_id": "file-cvaTdG1", "metadata": {"custom_id": "request-12345"}}';
    expect(idsInText("openai", "/v1/batches", text)).toEqual(["batch_abc123", "file-cvaTdG1"]);
  });

  test("at Google: names, wherever they stand", () => {
    const text = JSON.stringify({
      file: { name: "files/abc-123", uri: "https://generativelanguage.googleapis.com/v1beta/files/abc-123" },
      response: { cachedContent: "cachedContents/xyz", model: "models/gemini-2.5-flash" },
      operation: { name: "models/veo-3/operations/op1" },
      tuned: "tunedModels/mine/operations/op2",
    });
    expect(idsInText("gemini", "/v1beta/files", text)).toEqual([
      "files/abc-123",
      "cachedContents/xyz",
      "models/veo-3/operations/op1",
      "tunedModels/mine",
    ]);
  });

  test("of a Google interaction", () => {
    const text = 'data: {"interaction":{"id":"v1_ChdPU0F4YWFtNkFwS2k"}}';
    expect(idsInText("gemini", "/v1beta/interactions", text)).toEqual([
      "interactions/v1_ChdPU0F4YWFtNkFwS2k",
    ]);
  });
});

describe("the id of the thing that an answer is", () => {
  test.each([
    [
      "openai",
      "/v1/files",
      '{"object":"file","id":"497f6eca-6276-4993-bfeb-53cbbbba6f09"}',
      "497f6eca-6276-4993-bfeb-53cbbbba6f09",
    ],
    ["openai", "/v1/files", '{"data":[{"id":"file-1"}]}', undefined],
    ["openai", "/v1/files", "hello", undefined],
    ["gemini", "/v1beta/files", '{"name":"files/abc"}', "files/abc"],
    ["gemini-openai", "/v1beta/openai/batches", '{"id":"batches/abc"}', "batches/abc"],
    ["gemini-openai", "/v1beta/openai/files", '{"id":"abc"}', "files/abc"],
    ["gemini", "/v1beta/environments", '{"id":"env-1","name":"Mine"}', "environments/env-1"],
  ] as const)("%s %s %s", (api, path, body, expected) => {
    expect(idOfThing(api, path, Buffer.from(body))).toBe(expected);
  });
});
