import { createServer, type AddressInfo, type Socket } from "node:net";

/** An upstream that answers as soon as it has the head of a request, whatever is still to come. */
export class EarlyUpstream implements AsyncDisposable {
  /** Heads of the requests, in order of arrival. */
  readonly heads: string[] = [];
  /** Of the request bodies, their framing included. */
  bodyBytes = 0;
  /** Kept when the first connection closes, from whichever side. */
  readonly closed: Promise<void>;
  readonly #sockets = new Set<Socket>();

  private constructor(
    readonly url: string,
    readonly server: ReturnType<typeof createServer>,
    answer: (socket: Socket) => void,
  ) {
    const closed = Promise.withResolvers<void>();
    this.closed = closed.promise;
    server.on("connection", (socket) => {
      this.#sockets.add(socket);
      let head = "";
      let isAnswered = false;
      // A proxy that gives up what it was sending is what the tests are about.
      socket.on("error", () => {});
      socket.once("close", () => closed.resolve());
      socket.on("data", (chunk: Buffer) => {
        if (isAnswered) {
          this.bodyBytes += chunk.length;
          return;
        }
        head += chunk.toString("latin1");
        const end = head.indexOf("\r\n\r\n");
        if (end < 0) return;
        isAnswered = true;
        this.heads.push(head.slice(0, end));
        this.bodyBytes += head.length - end - 4;
        answer(socket);
      });
    });
  }

  static async start(answer: (socket: Socket) => void): Promise<EarlyUpstream> {
    const server = createServer();
    await new Promise<void>((resolve) => {
      server.listen(0, "127.0.0.1", resolve);
    });
    const { port } = server.address() as AddressInfo;
    return new EarlyUpstream(`http://127.0.0.1:${port}`, server, answer);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise<void>((resolve) => {
      this.server.close(() => resolve());
    });
  }
}

/** An error as OpenAI sends it. */
export function errorAnswer(line: string, code: string, fields = ""): string {
  const body = JSON.stringify({ error: { message: "No.", type: "invalid_request_error", code } });
  return `HTTP/1.1 ${line}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n${fields}\r\n${body}`;
}
