import { describe, expect, test } from "bun:test";

import { bodyToSend, type ReadBody, readBody } from "../../src/proxy/read-body.ts";

const LIMIT = 10;
const PATIENT_MS = 10_000;

function streamOf(chunks: readonly string[], end: "closes" | "breaks off" | "stays open" = "closes") {
  const left = [...chunks];
  return new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        const chunk = left.shift();
        if (chunk !== undefined) controller.enqueue(Buffer.from(chunk));
        else if (end === "closes") controller.close();
        else if (end === "breaks off") controller.error(new Error("ECONNRESET"));
      },
    },
    { highWaterMark: 0 },
  );
}

const requestWith = (body: string | ReadableStream<Uint8Array>) =>
  new Request("http://localhost/", {
    method: "POST",
    body,
    // As on the wire: a body is announced.
    headers:
      typeof body === "string"
        ? { "content-length": String(Buffer.byteLength(body)) }
        : { "transfer-encoding": "chunked" },
  });

describe("a request's body", () => {
  test("is held whole up to the bound", async () => {
    expect(await readBody(requestWith("0123456789"), LIMIT, PATIENT_MS)).toEqual({
      kind: "whole",
      bytes: Buffer.from("0123456789"),
    });
  });

  test("is held whole where its length is not told", async () => {
    expect(await readBody(requestWith(streamOf(["01234", "56789"])), LIMIT, PATIENT_MS)).toEqual({
      kind: "whole",
      bytes: Buffer.from("0123456789"),
    });
  });

  test("is empty where there is none", async () => {
    const empty: ReadBody = { kind: "whole", bytes: Buffer.alloc(0) };
    expect(await readBody(new Request("http://localhost/"), LIMIT, PATIENT_MS)).toEqual(empty);
    expect(await readBody(requestWith(""), LIMIT, PATIENT_MS)).toEqual(empty);
    expect(await readBody(requestWith(streamOf([])), LIMIT, PATIENT_MS)).toEqual(empty);
  });

  test("over the bound goes on as a stream that has lost nothing", async () => {
    const chunks = ["01234", "567890", "1234", "", "5"];
    const body = await readBody(requestWith(streamOf(chunks)), LIMIT, PATIENT_MS);
    if (body.kind !== "large") throw new Error(`It is ${body.kind}`);
    expect(body.head.toString()).toBe("01234567890");
    expect(await new Response(bodyToSend(body)).text()).toBe(chunks.join(""));
  });

  test("over the bound breaks off where the client does", async () => {
    const body = await readBody(
      requestWith(streamOf(["0123456789ab", "c"], "breaks off")),
      LIMIT,
      PATIENT_MS,
    );
    if (body.kind !== "large") throw new Error(`It is ${body.kind}`);
    await expect(new Response(bodyToSend(body)).text()).rejects.toThrow();
  });

  test("that breaks off is no shorter body", async () => {
    const request = requestWith(streamOf(["0123"], "breaks off"));
    expect(await readBody(request, LIMIT, PATIENT_MS)).toEqual({ kind: "broken" });
  });

  test("that does not arrive in time is waited for no longer", async () => {
    const request = requestWith(streamOf(["0123"], "stays open"));
    expect(await readBody(request, LIMIT, 0)).toEqual({ kind: "too-slow" });
  });
});
