import { describe, expect, test } from "bun:test";

import { HeldBytes } from "../../src/proxy/held-bytes.ts";
import { bodyToSend, type ReadBody, readBody } from "../../src/proxy/read-body.ts";
import { Upload } from "../../src/proxy/upload.ts";

const PATIENT_MS = 10_000;
const FORM = "multipart/form-data; boundary=b";
const MODEL = '--b\r\ncontent-disposition: form-data; name="model"\r\n\r\nwhisper-1\r\n';
const FILE = '--b\r\ncontent-disposition: form-data; name="file"; filename="a"\r\n\r\n';

type End = "closes" | "breaks off" | "stays open";

function streamOf(chunks: readonly string[], end: End = "closes") {
  const left = [...chunks];
  return new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        const chunk = left.shift();
        if (chunk !== undefined) controller.enqueue(Buffer.from(chunk));
        else if (end === "closes") controller.close();
        else if (end === "breaks off") controller.error(new Error("ECONNRESET"));
        else return new Promise<void>(() => {});
        return undefined;
      },
    },
    { highWaterMark: 0 },
  );
}

interface Sent {
  readonly body: string | ReadableStream<Uint8Array>;
  readonly type?: string;
  /** Undefined for a body in chunks. */
  readonly length?: number;
  readonly path?: string;
}

const held = new HeldBytes();

/** Reads a body where 10 bytes may be held of one and 200 of all, unless said otherwise. */
async function read(sent: Sent, most = 10, timeoutMs = PATIENT_MS): Promise<ReadBody> {
  const { body, type = "application/json", path = "/v1/chat/completions" } = sent;
  const length = sent.length ?? (typeof body === "string" ? Buffer.byteLength(body) : undefined);
  const headers = new Headers({ "content-type": type });
  if (length === undefined) headers.set("transfer-encoding", "chunked");
  else headers.set("content-length", String(length));
  const request = new Request("http://localhost/", { method: "POST", body, headers });
  return await readBody(request, path, { mostBytes: most, mostOfAllBytes: 200, ofAll: held }, timeoutMs);
}

function uploadIn(body: ReadBody): { upload: Upload; head: Buffer } {
  if (body.kind !== "upload") throw new Error(`It is ${body.kind}`);
  return body;
}

const turns = { ofClient() {}, ofUpstream() {} };

async function sentText(body: ReadBody): Promise<string> {
  const toSend = bodyToSend(body);
  return await new Response(toSend instanceof Upload ? toSend.send(undefined, turns) : toSend).text();
}

describe("a request's body", () => {
  test("is whole up to the bound, its length told or not", async () => {
    const whole = { kind: "whole", bytes: Buffer.from("0123456789") } as const;
    expect(await read({ body: "0123456789" })).toEqual(whole);
    expect(await read({ body: streamOf(["01234", "56789"]) })).toEqual(whole);
  });

  test("is empty where there is none", async () => {
    const empty: ReadBody = { kind: "whole", bytes: Buffer.alloc(0) };
    const hold = { mostBytes: 10, mostOfAllBytes: 100, ofAll: held };
    expect(await readBody(new Request("http://localhost/"), "/", hold, PATIENT_MS)).toEqual(empty);
    expect(await read({ body: "" })).toEqual(empty);
    expect(await read({ body: streamOf([]) })).toEqual(empty);
    expect(bodyToSend(empty)).toBeUndefined();
  });

  test("over the bound is too large, where its model may stand at its end", async () => {
    const body = '{"model":"gpt-4o"}';
    expect(await read({ body })).toEqual({ kind: "too-large" });
    expect(await read({ body: streamOf([body]) })).toEqual({ kind: "too-large" });
    // Upstreams may take it for JSON in spite of its type.
    const type = "application/octet-stream";
    const spaces = " ".repeat(100);
    for (const chunks of [[`${spaces}${body}`], [`\ufeff${body}`], [spaces, body], ["\n", spaces, body]])
      expect(await read({ body: streamOf(chunks), length: 200, type })).toEqual({ kind: "too-large" });
  });

  test("for which there is no room beside others waits for none", async () => {
    held.take(185, 200);
    const body = "0".repeat(20);
    expect(await read({ body: streamOf([body]) }, 50)).toEqual({ kind: "no-room" });
    held.give(185);
    expect((await read({ body: streamOf([body]) }, 50)).kind).toBe("whole");
    expect(held.take(200, 200)).toBe(true);
    held.give(200);
  });

  test("that breaks off is no shorter body", async () => {
    const body = streamOf(["0123"], "breaks off");
    expect(await read({ body })).toEqual({ kind: "broken" });
    expect(await read({ body: streamOf(["0123"], "breaks off"), length: 8 })).toEqual({ kind: "broken" });
  });

  test("that does not arrive in time is waited for no longer", async () => {
    expect(await read({ body: streamOf(["0123"], "stays open") }, 10, 0)).toEqual({ kind: "too-slow" });
    const body = streamOf(["0123"], "stays open");
    expect(await read({ body, length: 8 }, 10, 0)).toEqual({ kind: "too-slow" });
  });
});

describe("an upload over the bound", () => {
  const PLAIN = { type: "application/octet-stream", length: 18, path: "/v1/audio/transcriptions" };

  test("goes on as a stream that has lost nothing", async () => {
    const chunks = ["01234", "567890", "1234", "", "5"];
    const body = await read({ ...PLAIN, body: streamOf(chunks) });
    expect(uploadIn(body).upload.isWhole).toBe(false);
    expect(await sentText(body)).toBe(chunks.join(""));
  });

  test("breaks off where the client does", async () => {
    const body = await read({ ...PLAIN, body: streamOf(["0123456789ab", "c"], "breaks off") });
    await expect(sentText(body)).rejects.toThrow();
    expect(uploadIn(body).upload.body.fault).toBe("broken");
  });

  test("in a form is read as far as its model", async () => {
    const chunks = [MODEL, FILE, "a".repeat(500), "\r\n--b--"];
    const body = await read({ body: streamOf(chunks), length: 1_000, type: FORM }, 200);
    expect(uploadIn(body).head.toString()).toBe(MODEL + FILE);
    expect(await sentText(body)).toBe(chunks.join(""));
  });

  test("in a form without a model is read as far as may be held", async () => {
    const chunks = [FILE, ...Array.from({ length: 100 }, () => "a"), "\r\n--b--"];
    const body = await read({ body: streamOf(chunks), length: 1_000, type: FORM }, 90);
    expect(uploadIn(body).head).toHaveLength(0);
    expect(uploadIn(body).upload.body.readBytes).toBe(91);
    expect(await sentText(body)).toBe(chunks.join(""));
  });

  test("in a form is refused where it turns out to have the model twice, and never ends upstream", async () => {
    const chunks = [MODEL, FILE, "a", `\r\n${MODEL}--b--`];
    const body = await read({ body: streamOf(chunks), length: 1_000, type: FORM });
    await expect(sentText(body)).rejects.toThrow();
    expect(uploadIn(body).upload.body.fault).toBe("malformed");
  });

  test("that is not the form which it says to be is malformed", async () => {
    const body = streamOf(["{", ...Array.from({ length: 100 }, () => " ")]);
    expect(await read({ body, length: 1_000, type: FORM }, 90)).toEqual({ kind: "malformed" });
  });

  test("of a file is not looked into, in whatever form it comes", async () => {
    const path = "/v1/files";
    for (const type of [FORM, "application/pdf", "application/octet-stream"]) {
      const body = await read({ body: streamOf([FILE, '{"a":1}', "c"]), length: 1_000, type, path });
      expect(uploadIn(body).upload.body.readBytes).toBe(FILE.length);
      expect(await sentText(body)).toBe(`${FILE}{"a":1}c`);
      uploadIn(body).upload.letGo();
    }
  });
});
