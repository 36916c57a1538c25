import type { Socket } from "node:net";

const PART = Buffer.alloc(256 * 1024, "x");

/** Writes so many bytes to a socket, none of them before the other side has taken those before. */
export async function flood(socket: Socket, bytes: number, inChunks: boolean): Promise<void> {
  for (let left = bytes; left > 0 && !socket.destroyed; left -= PART.length) {
    const part = left < PART.length ? PART.subarray(0, left) : PART;
    if (inChunks) socket.write(`${part.length.toString(16)}\r\n`);
    const isTaken = socket.write(part);
    if (inChunks) socket.write("\r\n");
    if (!isTaken) await taken(socket);
  }
}

function taken(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      socket.off("drain", done);
      socket.off("close", done);
      resolve();
    };
    socket.once("drain", done);
    socket.once("close", done);
  });
}
