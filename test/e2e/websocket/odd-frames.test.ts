import { describe, expect, test } from "bun:test";

import { CHAT } from "../harness.ts";
import { RawClient } from "../raw-client.ts";
import { HANDSHAKE } from "./frames.ts";
import { PLAIN_PATH, socketStage } from "./socket-stage.ts";

/** A frame from the client, its mask of zeros. */
function frame(first: number, payload: Buffer): Buffer {
  return Buffer.concat([Buffer.from([first, 0x80 | payload.length, 0, 0, 0, 0]), payload]);
}

function closing(code: number, reason: Buffer = Buffer.alloc(0)): Buffer {
  return frame(0x88, Buffer.concat([Buffer.from([code >> 8, code & 0xff]), reason]));
}

const FRAMES: readonly (readonly [string, Buffer])[] = [
  ["a close frame with half a code", frame(0x88, Buffer.from([3]))],
  ["a close reason that is no UTF-8", closing(1000, Buffer.alloc(123, 0xff))],
  ...[0, 999, 1004, 1005, 1006, 1012, 1014, 1015, 1016, 2999, 5000, 65_535].map(
    (code) => [`the close code ${code}`, closing(code)] as const,
  ),
  ["a frame without a mask", Buffer.from([0x81, 1, 65])],
  ["a reserved bit", frame(0xc1, Buffer.from("x"))],
  ["an unknown opcode", frame(0x83, Buffer.from("x"))],
  ["a continuation of nothing", frame(0x80, Buffer.from("x"))],
  ["a ping in fragments", frame(0x09, Buffer.from("x"))],
];

describe("a client's odd frame ends its own session and nothing else", () => {
  test.each(FRAMES)("%s", async (_name, bytes) => {
    await using it = await socketStage();
    const accepted = it.nextSession();
    const client = await RawClient.connect(it.proxy.url);
    client.send(`GET ${PLAIN_PATH}`, HANDSHAKE);
    await client.untilReceived("\r\n\r\n");
    const upstream = await accepted;
    client.socket.write(bytes);
    await upstream.ended;
    await client.closed;
    expect(await it.proxy.logged(({ event }) => event === "request")).toMatchObject({ status: 101 });
    expect((await it.proxy.post("/v1/embeddings", CHAT)).status).toBe(200);
    expect(it.proxy.log.filter(({ level }) => level === "error")).toEqual([]);
  });
});
