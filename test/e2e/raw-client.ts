import { connect, type Socket } from "node:net";

import { CHAT } from "./harness.ts";

/** A client that sees the bytes of the connection and how it ended. */
export class RawClient {
  /** Everything received, one character a byte. */
  text = "";
  /** Counted also while `keep` is off. */
  bytes = 0;
  /** Off: what arrives is counted and forgotten. */
  keep = true;
  /** `ended`: the proxy closed the connection in order (FIN); `reset`: it broke it off (RST). */
  readonly closed: Promise<"ended" | "reset">;
  readonly #waiting = new Set<() => void>();

  private constructor(readonly socket: Socket) {
    socket.on("data", (chunk: Buffer) => {
      this.bytes += chunk.length;
      if (this.keep) this.text += chunk.toString("latin1");
      this.#wake();
    });
    this.closed = new Promise((resolve) => {
      socket.once("error", () => resolve("reset"));
      socket.once("close", () => resolve("ended"));
    });
    socket.once("close", () => this.#wake());
  }

  /** @param url  of the proxy */
  static async connect(url: string): Promise<RawClient> {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    const client = new RawClient(socket);
    await new Promise<void>((resolve, reject) => {
      socket.once("connect", resolve);
      socket.once("error", reject);
    });
    return client;
  }

  /** Connects and sends a chat request, which asks for a stream. */
  static async chat(url: string, body: object = { ...CHAT, stream: true }): Promise<RawClient> {
    const client = await RawClient.connect(url);
    const json = JSON.stringify(body);
    client.send("POST /v1/chat/completions", { "content-type": "application/json" }, json);
    return client;
  }

  /** @param line  method and target; a body gets its content length */
  send(line: string, headers: Readonly<Record<string, string>> = {}, body = ""): void {
    const length = body === "" ? {} : { "content-length": String(Buffer.byteLength(body)) };
    const fields = Object.entries({ host: "localhost", ...length, ...headers });
    const head = fields.map(([name, value]) => `${name}: ${value}\r\n`).join("");
    this.socket.write(`${line} HTTP/1.1\r\n${head}\r\n${body}`);
  }

  /** Waits until what was received satisfies; throws when the connection closes first. */
  async until<T>(found: (text: string) => T | undefined | false): Promise<T> {
    for (;;) {
      const value = found(this.text);
      if (value !== undefined && value !== false) return value;
      if (this.socket.destroyed) throw new Error(`The connection closed after: ${this.text}`);
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
  }

  async untilReceived(part: string): Promise<void> {
    await this.until((text) => text.includes(part));
  }

  #wake(): void {
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }
}

/** The status and the header lines, names in lower case, of the first answer in a text. */
export function headOf(text: string): { status: number; lines: string[] } {
  const [line = "", ...lines] = text.slice(0, text.indexOf("\r\n\r\n")).split("\r\n");
  const lower = lines.map((each) => each.replace(/^[^:]+/, (name) => name.toLowerCase()));
  return { status: Number(line.split(" ")[1]), lines: lower };
}
