import type { BothEnds } from "../both-ends.ts";
import { decodeBeginning, decodeContent } from "../decode-content.ts";
import type { Exchange } from "../exchange.ts";
import type { Answer } from "../judge.ts";
import type { UpstreamKey } from "../runtime.ts";
import { idOfThing, idsInText } from "./made-ids.ts";
import type { Owned } from "./owned.ts";
import { rememberAll } from "./remember-all.ts";
import { bringUploadBack } from "./upload-url.ts";

/** Of a copy that is read for ids. */
const MAX_DECODED_BYTES = 4 * 1024 * 1024;

const READABLE = /\bjson\b|^text\/event-stream\b/i;

/** Remembers what a key's good answer tells of who owns what: of a stream, what its beginning tells. */
export function noteAnswer(exchange: Exchange, owned: Owned, key: UpstreamKey, answer: Answer): void {
  const { status, headers, body } = answer;
  // On a WebSocket it is told only later whether there is such a thing.
  if (status >= 300 || body.kind === "socket") return;
  const { method } = exchange.request;
  if (method === "DELETE" && owned.path.isThing) {
    for (const id of owned.path.ids) exchange.runtime.owners.forget(id);
    return;
  }
  // It has answered to these, so they are its own; not so to those in a body that is looked at only later.
  rememberAll(exchange, key, owned.endpoint.kind === "generating" ? owned.ids : owned.path.ids);
  if (exchange.api === "gemini") bringUploadBack(exchange, key, headers);
  if (!mayTell(owned, headers)) return;
  const encoding = headers.get("content-encoding");
  if (body.kind === "whole") {
    const decoded = decodeContent(body.bytes, encoding, MAX_DECODED_BYTES);
    if (decoded !== undefined) noteWhole(exchange, owned, key, decoded);
  } else if (body.kind === "stream") {
    const head = decodeBeginning(Buffer.concat(body.head), encoding);
    rememberAll(exchange, key, idsInText(exchange.api, exchange.path, head.toString("utf8")));
  }
}

/** As `noteAnswer`, of a stream that has ended. */
export function noteStreamed(
  exchange: Exchange,
  owned: Owned,
  key: UpstreamKey,
  headers: Headers,
  ends: BothEnds,
): void {
  if (!mayTell(owned, headers)) return;
  const encoding = headers.get("content-encoding");
  if (encoding === null && !ends.isWhole) {
    rememberAll(exchange, key, idsInText(exchange.api, exchange.path, ends.text()));
    return;
  }
  const decoded = ends.isWhole ? decodeContent(ends.bytes(), encoding, MAX_DECODED_BYTES) : undefined;
  if (decoded !== undefined) noteWhole(exchange, owned, key, decoded);
}

/** The events of Responses that name a response, at their beginnings. */
const OF_RESPONSE = /^\s*\{\s*"type"\s*:\s*"response\.(?:created|completed|incomplete|failed)"/;

/** As `noteAnswer`, of what an upstream says on a WebSocket of Responses. */
export function noteSaid(exchange: Exchange, key: UpstreamKey, message: Buffer): void {
  if (!OF_RESPONSE.test(message.toString("latin1", 0, 64))) return;
  rememberAll(exchange, key, idsInText(exchange.api, exchange.path, message.toString("utf8")));
}

function mayTell({ endpoint }: Owned, headers: Headers): boolean {
  return endpoint.makes && READABLE.test(headers.get("content-type") ?? "");
}

function noteWhole(exchange: Exchange, { endpoint }: Owned, key: UpstreamKey, body: Buffer): void {
  const { api, path } = exchange;
  rememberAll(exchange, key, idsInText(api, path, body.toString("utf8")));
  const thing = endpoint.kind === "resource" ? idOfThing(api, path, body) : undefined;
  if (thing !== undefined) rememberAll(exchange, key, [thing]);
}
