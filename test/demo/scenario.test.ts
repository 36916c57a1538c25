import { expect, test } from "bun:test";
import { demoScenario } from "../../src/demo/scenario.ts";
import { Simulator } from "../../src/demo/simulator.ts";
import { chat, send } from "./ask.ts";

test("the demo has five keys, of which exactly the revoked one is dead", async () => {
  const { simulated, keys } = demoScenario();
  const simulator = Simulator.start({ keys: simulated });
  const seen = await Promise.all(
    keys.map(async ({ name, secret, provider, models }) => {
      const { status } = await send(simulator, chat(provider, secret, false, models[0]));
      return [name, status];
    }),
  );
  await simulator.stop();
  expect(seen).toEqual([
    ["openai-small", 200],
    ["openai-large", 200],
    ["openai-revoked", 401],
    ["claude", 200],
    ["gemini", 200],
  ]);
});

test("no two keys of the demo end alike, since their last characters tell them apart", () => {
  const endings = demoScenario().keys.map(({ secret }) => secret.slice(-4));
  expect(new Set(endings).size).toBe(5);
});
