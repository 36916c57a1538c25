import { describe, expect, test } from "bun:test";
import { array, assert, json, property } from "fast-check";

import { readListPage } from "../../../src/proxy/models/read-list.ts";

const read = (text: string) => readListPage(Buffer.from(text));

describe("a page of a list of models", () => {
  test("is OpenAI's, each entry's bytes as they came", () => {
    const entry = '{ "id":"gpt-4o", "created": 1715367049.0, "object":"model", "owned_by":"sys\\u0074em" }';
    expect(read(`{"object":"list","data":[ ${entry} ]}`)).toEqual({
      models: [{ id: "gpt-4o", form: "openai", text: entry, createdMs: 1_715_367_049_000 }],
      next: undefined,
    });
  });

  test("is Anthropic's, with the way to the next", () => {
    const entry = '{"type":"model","id":"claude-a","display_name":"A","created_at":"2025-02-19T00:00:00Z"}';
    const page = read(`{"data":[${entry}],"has_more":true,"first_id":"claude-a","last_id":"claude-a"}`);
    expect(page).toEqual({
      models: [{ id: "claude-a", form: "anthropic", text: entry, createdMs: Date.UTC(2025, 1, 19) }],
      next: ["after_id", "claude-a"],
    });
  });

  test("is Google's, named without their kind", () => {
    const page = read('{"models":[{"name":"models/gemini-a","version":"1"}],"nextPageToken":"abc"}');
    expect(page?.models).toMatchObject([{ id: "gemini-a", form: "gemini" }]);
    expect(page?.next).toEqual(["pageToken", "abc"]);
  });

  test("is Google's in OpenAI's form", () => {
    const page = read('{"object":"list","data":[{"id":"models/gemini-a","object":"model"}]}');
    expect(page?.models).toMatchObject([{ id: "gemini-a", form: "openai" }]);
  });

  test("is a bare array", () => {
    expect(read(' [{"id":"org/a","type":"chat"}]')?.models).toMatchObject([{ id: "org/a", form: "openai" }]);
  });

  test.each(['{"data":[],"has_more":false,"last_id":null}', '{"models":[]}', "[]", '{"data":null}'])(
    "has no models: %s",
    (text) => {
      expect(read(text)).toEqual({ models: [], next: undefined });
    },
  );

  test.each(["", "<html>", '{"error":{"message":"no"}}', '{"data":[{"id":"a"}', "null", '"[1]"'])(
    "is not: %s",
    (text) => {
      expect(read(text)).toBeUndefined();
    },
  );

  test("leaves out what names no model, whatever it is", () => {
    assert(
      property(array(json(), { maxLength: 5 }), (others) => {
        const nameless = others.filter((text) => !/"(?:id|name)"/.test(text));
        const page = read(`{"data":[${[...nameless, '{"id":"real"}'].join(",")}]}`);
        expect(page?.models.map(({ id }) => id)).toEqual(["real"]);
      }),
    );
  });
});
