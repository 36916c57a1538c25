import { describe, expect, test } from "bun:test";
import { array, assert, integer, property } from "fast-check";

import { BothEnds } from "../../src/proxy/both-ends.ts";

function keep(chunks: readonly string[]): string {
  const ends = new BothEnds();
  for (const chunk of chunks) ends.add(Buffer.from(chunk));
  return ends.text();
}

describe("both ends of a stream", () => {
  test("are all of a short one", () => {
    expect(keep(["a", "b", "c"])).toBe("abc");
    expect(keep([])).toBe("");
  });

  test("are the first and the last chunks of a long one, in their order", () => {
    const chunks = Array.from({ length: 5_000 }, (_, index) => `<${index}>`.padEnd(32, "."));
    const text = keep(chunks);
    expect(text).toStartWith(chunks.slice(0, 100).join(""));
    expect(text).toEndWith(chunks.slice(-5).join(""));
    expect(text.length).toBeLessThan(16_000);
  });

  test("begin and end as the stream does, whatever its chunks", () => {
    assert(
      property(array(integer({ min: 1, max: 3_000 }), { minLength: 1, maxLength: 60 }), (sizes) => {
        const chunks = sizes.map((size, index) => `${index},`.padEnd(size, "."));
        const whole = chunks.join("");
        const kept = keep(chunks);
        expect(kept.slice(0, 1_000)).toBe(whole.slice(0, 1_000));
        expect(kept).toEndWith(chunks.at(-1)!);
      }),
    );
  });

  test("of large chunks are copies: the chunks themselves may be freed", () => {
    const chunks = ["a", "b", "c"].map((letter) => Buffer.from(`<${letter.repeat(200_000)}>`));
    const ends = new BothEnds();
    for (const chunk of chunks) {
      ends.add(chunk);
      chunk.fill(0);
    }
    expect(ends.text()).toStartWith("<aaa");
    expect(ends.text()).toEndWith("ccc>");
    expect(ends.text().length).toBeLessThan(100_000);
  });

  test("keep a character that was cut between two chunks", () => {
    const bytes = Buffer.from("é");
    const ends = new BothEnds();
    ends.add(bytes.subarray(0, 1));
    ends.add(bytes.subarray(1));
    expect(ends.text()).toBe("é");
  });
});
