import { expect, test } from "bun:test";
import { PassThrough } from "node:stream";

import { askSecret } from "../../src/terminal/secret-prompt.ts";

const WRONG = "nothing typed";

/** Types into a prompt, each text when the one before has been answered to; resolves with its answer and all that it showed. */
async function type(...typed: string[]): Promise<{ answer: string | symbol; shown: string }> {
  const input = new PassThrough();
  const output = new PassThrough();
  const chunks: Buffer[] = [];
  output.on("data", (chunk: Buffer) => {
    chunks.push(chunk);
    if (chunk.includes(WRONG)) queueMicrotask(write);
  });
  const answer = askSecret({
    message: "Keys",
    input,
    output,
    describe: (text) => `${text.split("\n").length} lines`,
    validate: (text) => (text === "" ? WRONG : undefined),
  });
  const left = [...typed];
  const write = () => input.write(left.shift() ?? "");
  write();
  return { answer: await answer, shown: Bun.stripANSI(Buffer.concat(chunks).toString()) };
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
