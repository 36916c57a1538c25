import { createServer, type AddressInfo, type Server, type Socket } from "node:net";

import { Proxy } from "./harness.ts";

/** A request as it came over the socket, its body whole. */
export interface RawRequest {
  readonly method: string;
  /** Path and query as received. */
  readonly target: string;
  /** The lines before the body as received, the request line first. */
  readonly lines: readonly string[];
  /** Without its chunked framing. */
  readonly body: Buffer;
  readonly socket: Socket;
  /** Kept when the connection closes, from whichever side. */
  readonly closed: Promise<void>;
  /** The field's value as received; undefined where there is none. */
  header(name: string): string | undefined;
}

export type RawAnswerer = (request: RawRequest) => void | Promise<void>;

/** An upstream that writes whatever bytes a test wants, for answers that no HTTP library would give. */
export class RawUpstream implements AsyncDisposable {
  readonly requests: RawRequest[] = [];
  readonly #sockets = new Set<Socket>();

  private constructor(
    readonly server: Server,
    readonly url: string,
  ) {}

  /** @param answer  called once for each request; writes to its socket */
  static async start(answer: RawAnswerer): Promise<RawUpstream> {
    const server = createServer();
    await new Promise<void>((resolve) => {
      server.listen(0, "127.0.0.1", resolve);
    });
    const { port } = server.address() as AddressInfo;
    const upstream = new RawUpstream(server, `http://127.0.0.1:${port}`);
    server.on("connection", (socket) => upstream.#serve(socket, answer));
    return upstream;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise<void>((resolve) => {
      this.server.close(() => resolve());
    });
  }

  #serve(socket: Socket, answer: RawAnswerer): void {
    this.#sockets.add(socket);
    let received = Buffer.alloc(0);
    const closed = new Promise<void>((resolve) => {
      socket.once("close", () => resolve());
    });
    // A proxy that breaks off is what many tests are about.
    socket.on("error", () => {});
    socket.on("data", (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      const parsed = parseRequest(received);
      if (parsed === undefined) return;
      received = received.subarray(parsed.bytes);
      const { lines, body } = parsed;
      const [method = "", target = ""] = (lines[0] ?? "").split(" ");
      const header = (name: string) => valueIn(lines, name);
      const request: RawRequest = { method, target, lines, body, socket, closed, header };
      this.requests.push(request);
      void answer(request);
    });
  }
}

/** The binary in front of one raw upstream, with a key of its own. */
export interface RawStage extends AsyncDisposable {
  readonly upstream: RawUpstream;
  readonly proxy: Proxy;
}

/** @param config  merged over a configuration of one key at the raw upstream */
export async function rawStage(
  answer: RawAnswerer,
  config: (url: string) => object = () => ({}),
): Promise<RawStage> {
  const upstream = await RawUpstream.start(answer);
  const { url } = upstream;
  const proxy = await Proxy.start({ apiKeys: [{ name: "raw", key: "sk-raw", url }], ...config(url) });
  return {
    upstream,
    proxy,
    async [Symbol.asyncDispose]() {
      proxy.process.kill("SIGKILL");
      await proxy.process.exited;
      await upstream[Symbol.asyncDispose]();
    },
  };
}

/** One chunk of a chunked body. */
export function chunkOf(text: string): string {
  return `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;
}

export const LAST_CHUNK = "0\r\n\r\n";

/** The head of an event stream; its chunks follow. */
export const STREAM_HEAD =
  "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";

/** An event as OpenAI streams it. */
export function eventOf(text: string): string {
  return `data: {"choices":[{"index":0,"delta":{"content":${JSON.stringify(text)}}}]}\n\n`;
}

function parseRequest(
  received: Buffer,
): { lines: readonly string[]; body: Buffer; bytes: number } | undefined {
  const end = received.indexOf("\r\n\r\n");
  if (end < 0) return undefined;
  const lines = received.toString("latin1", 0, end).split("\r\n");
  const start = end + 4;
  if (valueIn(lines, "transfer-encoding") === "chunked") {
    const parsed = parseChunks(received, start);
    return parsed && { lines, ...parsed };
  }
  const bytes = start + Number(valueIn(lines, "content-length") ?? 0);
  return received.length < bytes ? undefined : { lines, body: received.subarray(start, bytes), bytes };
}

function parseChunks(received: Buffer, start: number): { body: Buffer; bytes: number } | undefined {
  const parts: Buffer[] = [];
  for (let at = start; ;) {
    const lineEnd = received.indexOf("\r\n", at);
    if (lineEnd < 0) return undefined;
    const size = Number.parseInt(received.toString("latin1", at, lineEnd), 16);
    const next = lineEnd + 2 + size + 2;
    if (received.length < next) return undefined;
    if (size === 0) return { body: Buffer.concat(parts), bytes: next };
    parts.push(received.subarray(lineEnd + 2, next - 2));
    at = next;
  }
}

function valueIn(lines: readonly string[], name: string): string | undefined {
  const line = lines.slice(1).find((each) => each.toLowerCase().startsWith(`${name.toLowerCase()}:`));
  return line?.slice(line.indexOf(":") + 1).trim();
}
