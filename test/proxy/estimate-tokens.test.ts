import { describe, expect, test } from "bun:test";

import { TokenTrends } from "../../src/proxy/estimate-tokens.ts";
import { NO_SIZE } from "../../src/proxy/request-size.ts";

const MODEL = "gpt-4o";
const FOUR_KB = { ...NO_SIZE, textBytes: 4_000 };

/** Trends after so many like answers. */
function after(answers: number, inputTokens: number, outputTokens: number, size = FOUR_KB): TokenTrends {
  const trends = new TokenTrends();
  for (let answer = 0; answer < answers; answer += 1)
    trends.observe(MODEL, size, { inputTokens, outputTokens });
  return trends;
}

describe("the tokens that a request is likely to count", () => {
  test("are a quarter of its bytes of text, and a thousand for each image", () => {
    expect(new TokenTrends().estimate("openai", MODEL, FOUR_KB)).toBe(1_000);
    expect(new TokenTrends().estimate("openai", MODEL, { ...FOUR_KB, dataStrings: 2 })).toBe(3_000);
  });

  test("are the recent mean of its model's output more where it allows any", () => {
    const trends = after(100, 1_000, 300);
    expect(trends.estimate("openai", MODEL, FOUR_KB)).toBe(1_300);
    expect(trends.estimate("openai", "another", FOUR_KB)).toBe(1_000);
  });

  test.each(["openai", "azure"] as const)(
    "are all the output that it allows more at %s, used or not",
    (api) => {
      const size = { ...FOUR_KB, askedTokens: 8_000 };
      expect(after(100, 1_000, 300).estimate(api, MODEL, size)).toBe(9_000);
    },
  );

  test.each(["anthropic", "gemini", "gemini-openai"] as const)(
    "are at %s no more than is usual, where it allows more, and no more than it allows",
    (api) => {
      const trends = after(100, 1_000, 300);
      expect(trends.estimate(api, MODEL, { ...FOUR_KB, askedTokens: 64_000 })).toBe(1_300);
      expect(trends.estimate(api, MODEL, { ...FOUR_KB, askedTokens: 20 })).toBe(1_020);
    },
  );

  test("are no more than a model can write, whatever it allows", () => {
    const size = { ...NO_SIZE, askedTokens: 1e15 };
    expect(new TokenTrends().estimate("openai", MODEL, size)).toBe(128_000);
  });

  test("follow what the provider counts as input, where that differs by the model", () => {
    expect(after(100, 1_500, 0).estimate("openai", MODEL, { ...NO_SIZE, textBytes: 40_000 })).toBeWithin(
      14_900,
      15_001,
    );
    expect(after(100, 200, 0).estimate("openai", MODEL, { ...NO_SIZE, textBytes: 40_000 })).toBeWithin(
      2_000,
      2_100,
    );
  });

  test("are moved little by one odd answer", () => {
    expect(after(1, 1_000_000, 0).estimate("openai", MODEL, FOUR_KB)).toBeLessThan(2_000);
    expect(after(1, 1, 0).estimate("openai", MODEL, FOUR_KB)).toBeGreaterThan(900);
  });

  test("learn nothing of the input from answers that do not tell it, or from requests without a body", () => {
    expect(after(100, 0, 0).estimate("openai", MODEL, FOUR_KB)).toBe(1_000);
    expect(after(100, 50, 0, NO_SIZE).estimate("openai", MODEL, FOUR_KB)).toBe(1_000);
  });
});
