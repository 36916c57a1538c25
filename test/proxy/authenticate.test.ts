import { describe, expect, test } from "bun:test";

import { authenticate, dropClientCredentials, presentsToken } from "../../src/proxy/authenticate.ts";
import { createRuntime } from "../../src/proxy/runtime.ts";
import { configWith } from "./config-with.ts";

const { clients } = createRuntime(
  configWith({
    clients: [
      { name: "laptop", token: "kc-laptop", models: ["gpt-*"] },
      { name: "phone", token: "kc-phone" },
    ],
  }),
);

const nameOf = (headers: Record<string, string>, query = "") =>
  authenticate(clients, new Headers(headers), query)?.name;

describe("a client is known by its token", () => {
  test.each<[string, Record<string, string>, string]>([
    ["where OpenAI's SDK puts its key", { authorization: "Bearer kc-laptop" }, ""],
    ["in any spelling of Bearer", { authorization: "bearer   kc-laptop" }, ""],
    ["where Anthropic's SDK puts its key", { "x-api-key": "kc-laptop" }, ""],
    ["where Azure's SDK puts its key", { "api-key": "kc-laptop" }, ""],
    ["where Google's SDK puts its key", { "x-goog-api-key": "kc-laptop" }, ""],
    ["where Google's REST clients put it", {}, "?alt=sse&key=kc-laptop"],
    ["beside another's key", { authorization: "Bearer sk-other", "x-api-key": "kc-laptop" }, ""],
  ])("%s", (_, headers, query) => {
    expect(nameOf(headers, query)).toBe("laptop");
  });

  test.each<[string, Record<string, string>, string]>([
    ["none", {}, ""],
    ["another", { authorization: "Bearer kc-unknown" }, ""],
    ["a part of one", { authorization: "Bearer kc-lap" }, ""],
    ["one and more", { authorization: "Bearer kc-laptop2" }, ""],
    ["one in another case", { authorization: "Bearer KC-LAPTOP" }, ""],
    ["one without Bearer", { authorization: "kc-laptop" }, ""],
    ["one in another parameter", {}, "?apikey=kc-laptop"],
    ["an empty one", { "x-api-key": "" }, "?key="],
  ])("and not by %s", (_, headers, query) => {
    expect(nameOf(headers, query)).toBeUndefined();
  });

  test("and has its models", () => {
    expect(authenticate(clients, new Headers({ "x-api-key": "kc-laptop" }), "")?.models).toEqual(["gpt-*"]);
  });

  test("whom nobody configured is anonymous, whatever it sends", () => {
    expect(authenticate([], new Headers({ "x-api-key": "sk-x" }), "")).toMatchObject({
      name: "anonymous",
      models: ["*"],
    });
  });
});

test("no token is told from a wrong one", () => {
  expect(presentsToken(new Headers(), "?alt=sse")).toBe(false);
  expect(presentsToken(new Headers({ authorization: "Bearer x" }), "")).toBe(true);
  expect(presentsToken(new Headers(), "?key=x")).toBe(true);
});

test("what identified the client, and its OpenAI account, goes no further", () => {
  const headers = new Headers({
    Authorization: "Bearer kc-laptop",
    "X-Api-Key": "kc-laptop",
    "Api-Key": "kc-laptop",
    "X-Goog-Api-Key": "kc-laptop",
    "OpenAI-Organization": "org-client",
    "OpenAI-Project": "proj-client",
    "OpenAI-Beta": "assistants=v2",
    "anthropic-version": "2023-06-01",
  });
  dropClientCredentials(headers);
  expect(Object.fromEntries(headers)).toEqual({
    "anthropic-version": "2023-06-01",
    "openai-beta": "assistants=v2",
  });
});
