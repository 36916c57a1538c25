import { describe, expect, test } from "bun:test";

import { callIn, mintsAt, tokenIn } from "../../../src/proxy/ephemeral/minted.ts";

describe("requests that make what only their key can go on with", () => {
  test.each([
    ["POST", "/v1/realtime/client_secrets", "token"],
    ["POST", "/openai/v1/realtime/client_secrets", "token"],
    ["POST", "/v1/realtime/translations/client_secrets", "token"],
    ["POST", "/v1/realtime/sessions", "token"],
    ["POST", "/v1/realtime/transcription_sessions", "token"],
    ["POST", "/v1alpha/auth_tokens", "token"],
    ["POST", "/v1/realtime/calls", "call"],
    ["GET", "/v1/realtime/client_secrets", undefined],
    ["POST", "/v1/realtime/calls/rtc_1/hangup", undefined],
    ["POST", "/v1/chat/completions", undefined],
  ] as const)("%s %s: %p", (method, path, made) => {
    expect(mintsAt(method, path)).toBe(made!);
  });
});

describe("the token in an answer", () => {
  test.each([
    ["a client secret", { value: "ek_1", expires_at: 60 }, { name: "ek_1", expiresMs: 60_000 }],
    [
      "a session's, of the API before",
      { id: "sess_1", client_secret: { value: "ek_2", expires_at: 61 } },
      { name: "ek_2", expiresMs: 61_000 },
    ],
    ["one that says nothing of its end", { value: "ek_3" }, { name: "ek_3", expiresMs: 1_800_005 }],
    ["Google's", { name: "auth_tokens/x" }, { name: "auth_tokens/x", expiresMs: 1_800_005 }],
    [
      "Google's with an end",
      { name: "auth_tokens/x", expireTime: "1970-01-01T00:01:00Z" },
      { name: "auth_tokens/x", expiresMs: 60_000 },
    ],
  ])("%s", (_name, body, expected) => {
    expect(tokenIn(JSON.stringify(body), 5)).toEqual(expected);
  });

  test.each(["", "{", "[]", '{"value":1}', '{"name":"files/1"}', '{"error":{"message":"no"}}'])(
    "is none in %p",
    (text) => {
      expect(tokenIn(text, 0)).toBeUndefined();
    },
  );
});

test("a call is named by the location of its answer", () => {
  const at = (location: string) => callIn(new Headers({ location }), 0)?.name;
  expect(at("/v1/realtime/calls/rtc_1")).toBe("rtc_1");
  expect(at("https://api.openai.com/v1/realtime/calls/rtc_2")).toBe("rtc_2");
  expect(at("/v1/elsewhere")).toBeUndefined();
  expect(callIn(new Headers(), 0)).toBeUndefined();
});
