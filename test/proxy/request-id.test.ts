import { describe, expect, test } from "bun:test";

import { requestIdOf } from "../../src/proxy/request-id.ts";

const idFor = (given?: string) =>
  requestIdOf(new Headers(given === undefined ? {} : { "x-request-id": given }), {
    isIn: (text) => text === "sk-secret",
  });

describe("the id of a request", () => {
  test.each(["3f1c2a9e-7b1d-4c7e-9f53-0d6a1f0c1b2a", "trace=1/span:2@node+x.y_z", "a"])(
    "is the client's: %s",
    (id) => {
      expect(idFor(id)).toBe(id);
    },
  );

  test.each(["", "two words", 'quo"te', "<script>", "x".repeat(129), "sk-secret", "ünïcode"])(
    "is ours instead of %p",
    (given) => {
      expect(idFor(given)).toMatch(/^kc_[\w-]{20,}$/);
    },
  );

  test("is another one each time", () => {
    expect(idFor()).not.toBe(idFor());
  });
});
