import { createServer, type AddressInfo, type Socket } from "node:net";

import { flood } from "./flood.ts";

const LAST_CHUNK = Buffer.from("0\r\n\r\n");

/** What the upstream does with a request: reads its body, and answers with one of so many bytes. */
export interface Exchange {
  readonly answerBytes: number;
  /** For how long it stops reading in the middle of a body, in milliseconds; 0: not at all. */
  readonly pauseMs: number;
}

/** An upstream that takes bodies of any size and forgets them. */
export class BodySink {
  /** Of all requests, heads and framing included. */
  receivedBytes = 0;

  private constructor(readonly url: string) {}

  static async start(exchange: Exchange): Promise<BodySink> {
    const server = createServer();
    await new Promise<void>((resolve) => {
      server.listen(0, "127.0.0.1", resolve);
    });
    const { port } = server.address() as AddressInfo;
    const sink = new BodySink(`http://127.0.0.1:${port}`);
    server.on("connection", (socket) => sink.#serve(socket, exchange));
    server.unref();
    return sink;
  }

  #serve(socket: Socket, { answerBytes, pauseMs }: Exchange): void {
    let head = "";
    let left = Number.NaN;
    let mayPause = pauseMs > 0;
    socket.on("error", () => {});
    socket.on("data", (chunk: Buffer) => {
      this.receivedBytes += chunk.length;
      if (Number.isNaN(left)) {
        head += chunk.toString("latin1");
        const end = head.indexOf("\r\n\r\n");
        if (end < 0) return;
        const length = /^content-length: (\d+)/im.exec(head)?.[1];
        left = length === undefined && /^transfer-encoding/im.test(head) ? Infinity : Number(length ?? 0);
        left -= head.length - end - 4;
      } else left -= chunk.length;
      if (mayPause && this.receivedBytes > 100_000_000) {
        mayPause = false;
        socket.pause();
        setTimeout(() => socket.resume(), pauseMs);
      }
      if (left > 0 && !(left === Infinity && chunk.subarray(-5).equals(LAST_CHUNK))) return;
      left = Number.NaN;
      head = "";
      socket.write(
        `HTTP/1.1 200 OK\r\ncontent-type: application/octet-stream\r\ncontent-length: ${answerBytes}\r\n\r\n`,
      );
      void flood(socket, answerBytes, false);
    });
  }
}
