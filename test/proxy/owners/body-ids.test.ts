import { describe, expect, test } from "bun:test";

import { encryptedId, idsInBody } from "../../../src/proxy/owners/body-ids.ts";
import {
  ANTHROPIC_NAMES,
  CHAT_NAMES,
  GEMINI_NAMES,
  type IdNames,
  OPENAI_NAMES,
  RESPONSES_NAMES,
} from "../../../src/proxy/owners/id-names.ts";

function named(names: IdNames, body: unknown): string[] {
  return idsInBody(Buffer.from(typeof body === "string" ? body : JSON.stringify(body)), names);
}

const ENCRYPTED = `gAAAAAB${"x1Y2".repeat(30)}==`;

describe("what a body names", () => {
  test.each<[string, IdNames, unknown, string[]]>([
    [
      "a file in a message",
      CHAT_NAMES,
      { messages: [{ content: [{ type: "file", file: { file_id: "file-1" } }] }] },
      ["file-1"],
    ],
    ["the response before", RESPONSES_NAMES, { previous_response_id: "resp_1", input: "Hi" }, ["resp_1"]],
    ["a conversation by id", RESPONSES_NAMES, { conversation: "conv_1" }, ["conv_1"]],
    ["a conversation as an object", RESPONSES_NAMES, { conversation: { id: "conv_1" } }, ["conv_1"]],
    [
      "stores and containers of tools",
      RESPONSES_NAMES,
      {
        tools: [
          { vector_store_ids: ["vs_1", "vs_2"] },
          { container: { type: "auto", file_ids: ["file-1"] } },
        ],
      },
      ["vs_1", "vs_2", "file-1"],
    ],
    ["a stored prompt", RESPONSES_NAMES, { prompt: { id: "pmpt_1", version: "2" } }, ["pmpt_1"]],
    ["items by reference", RESPONSES_NAMES, { input: [{ type: "item_reference", id: "msg_1" }] }, ["msg_1"]],
    ["nothing that is null", RESPONSES_NAMES, { previous_response_id: null, conversation: null }, []],
    ["a batch's file", OPENAI_NAMES, { input_file_id: "file-1" }, ["file-1"]],
    [
      "files to train with",
      OPENAI_NAMES,
      { training_file: "file-1", validation_file: "file-2" },
      ["file-1", "file-2"],
    ],
    ["no words of a prompt", OPENAI_NAMES, { prompt: "Cat" }, []],
    [
      "Anthropic's files, containers and skills",
      ANTHROPIC_NAMES,
      {
        container: { id: "container_1", skills: [{ type: "custom", skill_id: "skill_1" }] },
        messages: [{ content: [{ type: "document", source: { type: "file", file_id: "file_1" } }] }],
      },
      ["container_1", "skill_1", "file_1"],
    ],
    [
      "nothing that a model wrote",
      ANTHROPIC_NAMES,
      { messages: [{ content: [{ type: "tool_use", input: { file_id: "file_1" } }] }] },
      [],
    ],
    ["nothing that a schema describes", OPENAI_NAMES, { tools: [{ parameters: { file_id: "x" } }] }, []],
    [
      "Google's files, by their address, in either spelling",
      GEMINI_NAMES,
      {
        contents: [
          {
            parts: [{ fileData: { fileUri: "https://generativelanguage.googleapis.com/v1beta/files/abc" } }],
          },
          {
            parts: [
              { file_data: { file_uri: "https://generativelanguage.googleapis.com/v1beta/files/def" } },
            ],
          },
        ],
      },
      ["files/abc", "files/def"],
    ],
    [
      "no video elsewhere",
      GEMINI_NAMES,
      { fileData: { fileUri: "https://www.youtube.com/watch?v=files/a" } },
      [],
    ],
    ["cached content", GEMINI_NAMES, { cachedContent: "cachedContents/abc" }, ["cachedContents/abc"]],
    ["an interaction before", GEMINI_NAMES, { previous_interaction_id: "v1_abc" }, ["interactions/v1_abc"]],
    ["each once", CHAT_NAMES, [{ file_id: "file-1" }, { file_id: "file-1" }], ["file-1"]],
    ["nothing where it is no JSON", CHAT_NAMES, '{"file_id": "file-1"', []],
    ["nothing that only a text says", CHAT_NAMES, { content: 'put {"file_id": "file-1"} there' }, []],
  ])("%s", (_, names, body, expected) => {
    expect(named(names, body)).toEqual(expected);
  });

  test("is reasoning that only one account can read, the last of it", () => {
    const input = [
      { type: "reasoning", encrypted_content: `gAAAAAB${"old0".repeat(30)}` },
      { type: "reasoning", encrypted_content: ENCRYPTED },
      { type: "reasoning", encrypted_content: null },
      { role: "user", content: "Hi" },
    ];
    expect(named(RESPONSES_NAMES, { input })).toEqual([encryptedId(ENCRYPTED)]);
    expect(named(CHAT_NAMES, { input })).toEqual([]);
  });

  test("is reasoning by its id where it is not encrypted", () => {
    const input = [{ type: "reasoning", id: "rs_0a18166210d72b5e", summary: [] }];
    expect(named(RESPONSES_NAMES, { input })).toEqual(["rs_0a18166210d72b5e"]);
  });

  test("is not all of what would take too long to look up", () => {
    const file_ids = Array.from({ length: 500 }, (_, index) => `file-${index}`);
    expect(named(OPENAI_NAMES, { file_ids })).toHaveLength(64);
  });
});
