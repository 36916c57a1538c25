import type { AliasConfig } from "../config/config.ts";
import type { Api } from "../providers/api.ts";
import type { UpstreamRequest } from "./attempt.ts";
import type { Wanting } from "./come-back.ts";
import { decodeContent } from "./decode-content.ts";
import type { Exhausted } from "./exhausted.ts";
import { multipartBoundary } from "./multipart.ts";
import { bodyToSend, type ReadBody } from "./read-body.ts";
import { rewriteModel } from "./rewrite-model.ts";

/** A request as it was received. */
interface Received {
  readonly api: Api;
  readonly path: string;
  readonly query: string;
  readonly headers: Headers;
  readonly body: ReadBody;
  /** Of a body that has to be decoded. */
  readonly maxDecodedBytes: number;
}

/** What of a request names its model. */
export interface Wording {
  readonly path: string;
  readonly query: string;
  readonly body: UpstreamRequest["body"];
  readonly head: UpstreamRequest["head"];
  /** By which the body is longer than the one received; below 0 where it is shorter. */
  readonly addedBytes: number;
  /** Its content coding is gone. */
  readonly isDecoded: boolean;
}

/** How one request goes through the models that an alias stands for. */
export interface Chain {
  /** The name that was asked for. */
  readonly alias: string;
  readonly received: Received;
  /** Models behind the one under way, the next first. */
  readonly behind: string[];
  /** Those before it, none of which could be served. */
  readonly passed: (Exhausted & Wanting)[];
  /** The request as it asks for the model under way; made when it is first sent. */
  wording: (Wording & { readonly model: string }) | undefined;
}

/** Before its first model, which is the one under way. */
export function startChain(alias: string, [, ...behind]: AliasConfig["models"], received: Received): Chain {
  return { alias, received, behind, passed: [], wording: undefined };
}

/** The request as it asks for a model of the chain. */
export function wordingFor(chain: Chain, model: string): Wording {
  if (chain.wording?.model !== model) {
    const asItCame = model === chain.alias;
    chain.wording = { model, ...(asItCame ? unchanged(chain.received) : reworded(chain, model)) };
  }
  return chain.wording;
}

function unchanged({ path, query, body }: Received): Wording {
  return { path, query, body: bodyToSend(body), head: undefined, addedBytes: 0, isDecoded: false };
}

function reworded({ alias, received }: Chain, model: string): Wording {
  const { api, path, query, headers, body } = received;
  const contentType = headers.get("content-type") ?? "";
  const isHead = body.kind === "upload" && !body.upload.isWhole;
  const read = body.kind === "whole" ? body.bytes : body.kind === "upload" ? body.head : undefined;
  const readable = readablePart(received, read, contentType, isHead);
  const said = rewriteModel({ api, path, query, contentType, body: readable, isHead }, alias, model);
  const rest = { path: said.path, query: said.query };
  // Bytes in which nothing changed are sent as they came, in their content coding.
  if (read === undefined || said.body === undefined || said.body === readable)
    return { ...unchanged(received), ...rest };
  return {
    ...rest,
    body: body.kind === "upload" ? body.upload : said.body,
    head: said.body,
    addedBytes: said.body.length - read.length,
    isDecoded: readable !== read,
  };
}

/** What was read of the body, where the model may be named in it; of an upload that goes on, a form's beginning. */
function readablePart(
  { headers, maxDecodedBytes }: Received,
  read: Buffer | undefined,
  contentType: string,
  isHead: boolean,
): Buffer | undefined {
  if (read === undefined || (isHead && multipartBoundary(contentType) === undefined)) return undefined;
  return isHead ? read : decodeContent(read, headers.get("content-encoding"), maxDecodedBytes);
}

/** Makes the headers true again for a body that was reworded. A length is there only for one that is streamed. */
export function frameAnew(headers: Headers, { addedBytes, isDecoded }: Wording): void {
  if (isDecoded) headers.delete("content-encoding");
  const length = headers.get("content-length");
  if (length !== null) headers.set("content-length", String(Number(length) + addedBytes));
}
