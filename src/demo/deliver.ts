import type { ServerResponse } from "node:http";
import type { Reply } from "./reply.ts";

/** How an answer reaches the client, or does not. */
export type Delivery =
  | { readonly kind: "intact" }
  | { readonly kind: "slow"; readonly firstByteMs: number }
  | { readonly kind: "hang" }
  | {
      readonly kind: "reset";
      readonly when: "before-first-byte" | "after-first-byte" | "mid-stream";
    }
  | { readonly kind: "truncate" };

/**
 * A reset discards what the peer has not read yet, so what was written gets this long to arrive before
 * the connection is broken.
 */
const ARRIVAL_MS = 20;

/**
 * Sends an answer.
 *
 * @param onHead called when the status has been sent
 * @returns whether all of it was handed to the socket; false where the delivery broke it off, hangs or
 *          the client has gone
 */
export async function deliver(
  response: ServerResponse,
  reply: Reply,
  delivery: Delivery,
  chunkDelayMs: number,
  onHead: () => void,
): Promise<boolean> {
  if (delivery.kind === "hang") return false;
  if (delivery.kind === "reset" && delivery.when === "before-first-byte") {
    response.socket?.resetAndDestroy();
    return false;
  }
  if (delivery.kind === "slow") await pause(response, delivery.firstByteMs);
  if (response.destroyed) return false;

  onHead();
  const breaksAt = breakPoint(reply, delivery);
  if (reply.kind === "whole") {
    response.writeHead(reply.status, { ...reply.headers, "content-length": String(reply.body.length) });
    if (breaksAt === undefined) {
      response.end(reply.body);
      return true;
    }
    response.write(reply.body.subarray(0, breaksAt));
  } else {
    response.writeHead(reply.status, reply.headers);
    const parts = breaksAt === undefined ? reply.parts : reply.parts.slice(0, breaksAt);
    if (!(await writeParts(response, parts, chunkDelayMs))) return false;
    if (breaksAt === undefined) {
      response.end();
      return true;
    }
  }
  await pause(response, ARRIVAL_MS);
  if (delivery.kind === "reset") response.socket?.resetAndDestroy();
  else response.socket?.destroy();
  return false;
}

/** After how many bytes, or parts of a stream, the answer breaks off; undefined: never. */
function breakPoint(reply: Reply, delivery: Delivery): number | undefined {
  if (delivery.kind !== "reset" && delivery.kind !== "truncate") return undefined;
  const length = reply.kind === "whole" ? reply.body.length : reply.parts.length;
  const early = delivery.kind === "reset" && delivery.when === "after-first-byte";
  return early ? 1 : Math.max(1, Math.floor(length / 2));
}

async function writeParts(
  response: ServerResponse,
  parts: readonly string[],
  chunkDelayMs: number,
): Promise<boolean> {
  for (const [index, part] of parts.entries()) {
    if (index > 0 && chunkDelayMs > 0) await pause(response, chunkDelayMs);
    if (response.destroyed) return false;
    if (!response.write(part)) await drained(response);
  }
  return !response.destroyed;
}

/** Waits, but no longer than the client does. */
export function pause(response: ServerResponse, ms: number): Promise<void> {
  if (ms <= 0 || response.destroyed) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      response.off("close", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    response.once("close", done);
  });
}

/** Until a slow reader has made room, or is gone. */
function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      response.off("drain", done);
      response.off("close", done);
      resolve();
    };
    response.once("drain", done);
    response.once("close", done);
  });
}
