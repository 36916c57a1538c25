import { describe, expect, test } from "bun:test";

import { namedCall, placeToken, presentedToken } from "../../../src/proxy/ephemeral/presented.ts";

describe("the ephemeral token of a request", () => {
  const live = "/ws/google.ai.generativelanguage.v1alpha.GenerativeService.BidiGenerateContentConstrained";
  test.each([
    ["a header", "/v1/realtime", { authorization: "Bearer ek_1" }, "", "ek_1"],
    ["a header of a call", "/v1/realtime/calls", { authorization: "bearer ek_1" }, "", "ek_1"],
    [
      "a subprotocol",
      "/v1/realtime",
      { "sec-websocket-protocol": "realtime, openai-insecure-api-key.ek_2" },
      "",
      "ek_2",
    ],
    ["Google's query", live, {}, "?access_token=auth_tokens/3", "auth_tokens/3"],
    ["Google's header", live, { authorization: "Token auth_tokens/4" }, "", "auth_tokens/4"],
    ["no place, as it is an API key", "/v1/realtime", { authorization: "Bearer sk-1" }, "", undefined],
    ["a place that takes none", "/v1/chat/completions", { authorization: "Bearer ek_1" }, "", undefined],
  ] as const)("stands in %s", (_name, path, headers, query, token) => {
    expect(presentedToken(path, new Headers(headers), query)).toBe(token!);
  });

  test("is set where its provider reads it", () => {
    const headers = new Headers();
    placeToken(headers, "ek_1");
    expect(headers.get("authorization")).toBe("Bearer ek_1");
    placeToken(headers, "auth_tokens/1");
    expect(headers.get("authorization")).toBe("Token auth_tokens/1");
  });
});

test.each([
  ["/v1/realtime/calls/rtc_1/hangup", "", "rtc_1"],
  ["/v1/realtime", "?call_id=rtc_2", "rtc_2"],
  ["/v1/realtime/calls", "", undefined],
  ["/v1/realtime", "?model=m", undefined],
])("%s%s is about the call %p", (path, query, call) => {
  expect(namedCall(path, query)).toBe(call!);
});
