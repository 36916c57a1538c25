import { expect, test } from "bun:test";
import { PassThrough } from "node:stream";

import { askSecret } from "../../src/terminal/secret-prompt.ts";

const WRONG = "nothing typed";

interface Typed {
  readonly answer: string | symbol;
  /** All that the prompt showed. */
  readonly shown: string;
  /** How often it went through the text, for what it amounts to or for what is wrong with it. */
  readonly readings: number;
}

/** Types into a prompt, each text when the one before has been answered to. */
async function type(...typed: string[]): Promise<Typed> {
  const input = new PassThrough();
  const output = new PassThrough();
  const chunks: Buffer[] = [];
  output.on("data", (chunk: Buffer) => {
    chunks.push(chunk);
    if (chunk.includes(WRONG)) queueMicrotask(write);
  });
  let readings = 0;
  const answer = askSecret({
    message: "Keys",
    input,
    output,
    describe: (text) => {
      readings += 1;
      return `${text.split("\n").length} lines`;
    },
    validate: (text) => {
      readings += 1;
      return text === "" ? WRONG : undefined;
    },
  });
  const left = [...typed];
  const write = () => input.write(left.shift() ?? "");
  write();
  return { answer: await answer, shown: Bun.stripANSI(Buffer.concat(chunks).toString()), readings };
}

test("what is typed is not shown, only what it amounts to", async () => {
  const { answer, shown } = await type("sk-secret\r");
  expect(answer).toBe("sk-secret");
  expect(shown).not.toMatch(/sk|secret/);
  expect(shown).toContain("1 line");
});

test("a paste of several lines is one answer, and a line break in it does not send it off", async () => {
  const { answer } = await type("\u001B[200~sk-one\rsk-two\r\u001B[201~\r");
  expect(answer).toBe("sk-one\nsk-two\n");
});

test("lines that come together are one answer where the terminal does not mark what is pasted", async () => {
  expect((await type("sk-one\rsk-two\r\nsk-three\r")).answer).toBe("sk-one\nsk-two\n\nsk-three");
});

const LINES = Array.from({ length: 300 }, (_, at) => `sk-${at}`);

test.each([
  ["marked", `\u001B[200~${LINES.join("\r")}\u001B[201~\r`],
  ["not marked", `${LINES.join("\r")}\r`],
])("a paste that is %s is gone through once, not at each character", async (_, pasted) => {
  const { answer, shown, readings } = await type(pasted);
  expect(answer).toBe(LINES.join("\n"));
  expect(shown).toContain("300 lines");
  // What it amounts to, and whether it does.
  expect(readings).toBe(2);
});

test("Ctrl-C in the middle of a long paste cancels, and what follows is not gone through", async () => {
  const { answer, readings } = await type(`\u001B[200~${LINES.join("\r")}\u0003${LINES.join("\r")}`);
  expect(typeof answer).toBe("symbol");
  expect(readings).toBe(1);
});

test("backspace takes one character, Ctrl-U all of them", async () => {
  expect((await type("abc\u0015xyz\u007F\r")).answer).toBe("xy");
});

test("an answer that does not do is said and can be mended", async () => {
  const { answer, shown } = await type("\r", "sk-one\r");
  expect(shown).toContain(WRONG);
  expect(answer).toBe("sk-one");
});

test.each([
  ["Ctrl-C", "sk-half\u0003"],
  ["Ctrl-C in a paste", "\u001B[200~sk-half\u0003"],
  ["Ctrl-C behind a line", "sk-half\r\u0003"],
])("%s cancels", async (_, typed) => {
  expect(typeof (await type(typed)).answer).toBe("symbol");
});
