import { expect, test } from "bun:test";

import { readTarget } from "../../src/proxy/request-target.ts";

test.each([
  ["http://h/", "/", ""],
  ["http://h/v1/models?limit=2&after=%2F", "/v1/models", "?limit=2&after=%2F"],
  ["http://h:3456/v1//x/", "/v1//x/", ""],
  ["http://h//v1/models", "/v1/models", ""],
  ["http://h///v1/models?next=//x", "/v1/models", "?next=//x"],
  ["http://h//", "/", ""],
  ["http://h//?a", "/", "?a"],
])("%s asks for %s%s", (url, path, query) => {
  expect(readTarget(url)).toEqual({ path, query });
});
