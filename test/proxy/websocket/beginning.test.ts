import { expect, test } from "bun:test";

import { beginningOf } from "../../../src/proxy/websocket/beginning.ts";

test.each([
  ["/v1/realtime", "upstream-greets"],
  ["/openai/realtime", "upstream-greets"],
  ["/openai/v1/realtime/", "upstream-greets"],
  ["/v1/responses", "client-asks"],
  ["/openai/v1/responses", "client-asks"],
  ["/ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent", "client-asks"],
  ["/ws/google.ai.generativelanguage.v1alpha.GenerativeService.BidiGenerateMusic", "client-asks"],
  ["/v1/realtime/calls", "untold"],
  ["/v1/responses/resp_1", "untold"],
  ["/listen", "untold"],
] as const)("%s: %s", (path, beginning) => {
  expect(beginningOf(path)).toBe(beginning);
});
