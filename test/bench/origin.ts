import type { Socket } from "bun";

import { LONG_STREAM, PLAIN_ANSWER, SLOW_ANSWER_MS, STREAM, streamWrites } from "./payloads.ts";

/*
 * The upstream of the benchmark: `bun origin.ts <port>`. Raw sockets and prepared answers, because an HTTP
 * server here would cost as much as the proxies that are measured.
 */

interface Connection {
  /** What has arrived of a request that is not whole yet. */
  pending: Buffer | undefined;
}

const HEAD_END = Buffer.from("\r\n\r\n");
const STREAM_WRITES = streamWrites(STREAM);
const LONG_STREAM_WRITES = streamWrites(LONG_STREAM);

Bun.listen<Connection>({
  hostname: "127.0.0.1",
  port: Number(process.argv[2]),
  socket: {
    open(socket) {
      socket.data = { pending: undefined };
    },
    data(socket, chunk) {
      const { pending } = socket.data;
      let rest: Buffer = pending === undefined ? chunk : Buffer.concat([pending, chunk]);
      while (rest.length > 0) {
        const size = answerFirst(socket, rest);
        if (size === 0) break;
        rest = rest.subarray(size);
      }
      socket.data.pending = rest.length > 0 ? rest : undefined;
    },
    error() {},
  },
});

/** Answers the first request of the bytes; the number of bytes it took, 0 where it is not whole. */
function answerFirst(socket: Socket<Connection>, bytes: Buffer): number {
  const headEnd = bytes.indexOf(HEAD_END);
  if (headEnd < 0) return 0;
  const head = bytes.toString("latin1", 0, headEnd).toLowerCase();
  const size = headEnd + HEAD_END.length + Number(headerOf(head, "content-length") ?? 0);
  if (bytes.length < size) return 0;
  switch (headerOf(head, "x-workload")) {
    case "stream":
      writeInTurn(socket, STREAM_WRITES, STREAM.everyMs);
      break;
    case "long-stream":
      writeInTurn(socket, LONG_STREAM_WRITES, LONG_STREAM.everyMs);
      break;
    case "slow":
      setTimeout(() => write(socket, PLAIN_ANSWER), SLOW_ANSWER_MS);
      break;
    default:
      write(socket, PLAIN_ANSWER);
  }
  return size;
}

/** @param head  in lower case */
function headerOf(head: string, name: string): string | undefined {
  const at = head.indexOf(`\r\n${name}:`);
  if (at < 0) return undefined;
  const from = at + name.length + 3;
  const to = head.indexOf("\r\n", from);
  return head.slice(from, to < 0 ? undefined : to).trim();
}

function writeInTurn(socket: Socket<Connection>, writes: readonly Buffer[], everyMs: number): void {
  let next = 1;
  write(socket, writes[0]!);
  const timer = setInterval(() => {
    if (next === writes.length - 1) clearInterval(timer);
    if (!write(socket, writes[next]!)) clearInterval(timer);
    next += 1;
  }, everyMs);
}

/** Whether the bytes were taken. All of a stream fits into a socket's buffer, so a short write means a closed one. */
function write(socket: Socket<Connection>, bytes: Buffer): boolean {
  if (socket.write(bytes) === bytes.length) return true;
  socket.terminate();
  return false;
}
