import { expect, test } from "bun:test";

import { Bindings } from "../../../src/proxy/ephemeral/bindings.ts";
import { createKeyState } from "../../../src/rotation/key-state.ts";

const binding = (expiresMs: number) => ({ key: createKeyState(), client: "app", model: "m", expiresMs });

test("a token is known until it expires", () => {
  const bindings = new Bindings();
  bindings.remember("ek_1", binding(1_000), 0);
  expect(bindings.find("ek_1", 999)).toMatchObject({ client: "app" });
  expect(bindings.find("ek_1", 1_000)).toBeUndefined();
  expect(bindings.find("ek_2", 0)).toBeUndefined();
});

test("expired ones are forgotten, and the oldest where there are too many", () => {
  const bindings = new Bindings();
  for (let index = 0; index < 1_000; index += 1) bindings.remember(`ek_${index}`, binding(index), index);
  expect(bindings.size).toBe(1);
  for (let index = 0; index < 100_100; index += 1)
    bindings.remember(`rtc_${index}`, binding(1_000_000), 1_000);
  expect(bindings.size).toBe(100_000);
  expect(bindings.find("rtc_0", 1_000)).toBeUndefined();
  expect(bindings.find("rtc_100099", 1_000)).toBeDefined();
});

test("what is remembered holds no token", () => {
  const bindings = new Bindings();
  bindings.remember("ek_very-secret", binding(1_000), 0);
  expect(Bun.inspect(bindings, { depth: 10 })).not.toContain("very-secret");
});
