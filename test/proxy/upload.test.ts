import { describe, expect, test } from "bun:test";
import { array, assert, asyncProperty, integer, nat } from "fast-check";

import { ClientBody } from "../../src/proxy/client-body.ts";
import { HeldBytes } from "../../src/proxy/held-bytes.ts";
import type { BodyReader } from "../../src/proxy/relay.ts";
import { Upload } from "../../src/proxy/upload.ts";
import { bodyOf, cut } from "./body-of.ts";

const MB = 1024 * 1024;
const turns = { ofClient() {}, ofUpstream() {} };

interface Made {
  readonly reader: BodyReader;
  readonly announced?: number;
  readonly most?: number;
  readonly ofAll?: HeldBytes;
}

function uploadOf({ reader, announced, most = 64 * MB, ofAll = new HeldBytes() }: Made): Upload {
  const body = new ClientBody(reader, announced, undefined, 10_000);
  return new Upload(body, { mostBytes: most, mostOfAllBytes: 64 * MB, ofAll });
}

/** Through a sink that copies what is written to it, as a socket does; that of `text()` does not. */
async function sentText(upload: Upload, head?: Buffer): Promise<string> {
  return Buffer.from(await new Response(upload.send(head, turns)).bytes()).toString();
}

/** Starts a sending and reads so many chunks of it. */
async function beginSending(upload: Upload, chunks: number): Promise<void> {
  const sent = upload.send(undefined, turns);
  if (!(sent instanceof ReadableStream)) return;
  const reader = sent.getReader();
  for (let count = 0; count < chunks; count += 1) if ((await reader.read()).done) return;
}

/** A client whose next chunk comes when the test says so. */
function hesitant() {
  const asked: PromiseWithResolvers<Uint8Array>[] = [];
  const reader: BodyReader = {
    async read() {
      const chunk = Promise.withResolvers<Uint8Array>();
      asked.push(chunk);
      return { done: false, value: await chunk.promise };
    },
    cancel: async () => {},
  };
  return { reader, asked, say: (text: string) => asked.at(-1)?.resolve(Buffer.from(text)) };
}

describe("an upload that is sent again", () => {
  test("is the same from its beginning, however far the sendings before it came", async () => {
    const text = Array.from({ length: 300 }, (_, index) => `<${index}>`).join("");
    const sendings = array(nat(8), { maxLength: 4 });
    const offsets = array(integer({ min: 1, max: text.length }), { maxLength: 8 });
    await assert(
      asyncProperty(offsets, nat(3), sendings, async (at, ahead, counts) => {
        const upload = uploadOf({ reader: bodyOf(cut(text, at)), announced: text.length });
        let toRead = ahead;
        await upload.readAhead(() => toRead-- <= 0);
        if (ahead % 2 === 0) upload.join();
        for (const count of counts) await beginSending(upload, count);
        expect(await sentText(upload)).toBe(text);
        expect(upload.isHeld).toBe(true);
        expect(await sentText(upload)).toBe(text);
      }),
    );
  });

  test("is no longer sent by the attempt before, which takes nothing of what comes", async () => {
    const client = hesitant();
    const upload = uploadOf({ reader: client.reader, announced: 10 * MB });
    const first = sentText(upload);
    const second = upload.send(undefined, turns);
    if (!(second instanceof ReadableStream)) throw new Error("It is no stream");
    const reading = second.getReader().read();
    client.say("once");
    await expect(first).rejects.toThrow("another attempt");
    expect(Buffer.from((await reading).value ?? "").toString()).toBe("once");
    expect(client.asked.length).toBeLessThanOrEqual(2);
  });

  test("may have another beginning than the one that was read", async () => {
    const upload = uploadOf({ reader: bodyOf(["model=a", "&file", "=x"]) });
    await upload.readAhead(() => upload.body.readBytes > 0);
    expect(upload.join().toString()).toBe("model=a");
    expect(await sentText(upload, Buffer.from("model=better"))).toBe("model=better&file=x");
    expect(await sentText(upload, Buffer.from("model=b"))).toBe("model=b&file=x");
    expect(await sentText(upload)).toBe("model=a&file=x");
  });
});

describe("what is held of an upload", () => {
  const chunks = Array.from({ length: 20 }, (_, index) => Buffer.alloc(MB, String(index % 10)));
  const text = Buffer.concat(chunks).toString();

  test.each([
    { is: "all, where its length may be held", announced: 20 * MB, most: 20 * MB, held: true },
    { is: "its beginning, where its length is not told", announced: undefined, most: 64 * MB, held: false },
    { is: "its beginning, where it is too large", announced: 20 * MB, most: 19 * MB, held: false },
  ])("is $is", async ({ announced, most, held }) => {
    const ofAll = new HeldBytes();
    const upload = uploadOf({ reader: bodyOf(chunks), most, ofAll, ...(announced && { announced }) });
    await beginSending(upload, 3);
    expect(upload.isHeld).toBe(true);
    expect(await sentText(upload)).toBe(text);
    expect(upload.isHeld).toBe(held);
    expect(ofAll.take(64 * MB, 64 * MB)).toBe(!held);
  });

  test("is nothing where others hold all that may be held, and it goes through all the same", async () => {
    const ofAll = new HeldBytes();
    ofAll.take(64 * MB, 64 * MB);
    const upload = uploadOf({ reader: bodyOf(chunks), announced: 20 * MB, ofAll });
    expect(await sentText(upload)).toBe(text);
    expect(upload.isHeld).toBe(false);
  });

  test("is given back once, when it is let go, and what was not sent yet still is", async () => {
    const ofAll = new HeldBytes();
    const upload = uploadOf({ reader: bodyOf(chunks), announced: 20 * MB, ofAll });
    await upload.readAhead(() => upload.body.readBytes >= 5 * MB);
    expect(ofAll.take(60 * MB, 64 * MB)).toBe(false);
    const sent = sentText(upload);
    upload.letGo();
    upload.letGo();
    expect(await sent).toBe(text);
    expect(ofAll.take(64 * MB, 64 * MB)).toBe(true);
  });
});

describe("an upload that is read ahead to its end", () => {
  test.each([1_000, 3 * MB])("of %d bytes is sent as it is", async (size) => {
    const text = "0123456789".repeat(size / 10);
    const upload = uploadOf({ reader: bodyOf(cut(text, [10, 500, 900])) });
    await upload.readAhead(() => false);
    expect(upload.isWhole).toBe(true);
    expect(upload.body.length).toBe(text.length);
    expect(upload.join().toString()).toBe(text);
    expect(await sentText(upload)).toBe(text);
    expect(await sentText(upload)).toBe(text);
  });
});
