import type { OwnError } from "../providers/error-format.ts";
import { affinityOf, fieldsToNote } from "./affinity-key.ts";
import { refusalOf } from "./body-refusal.ts";
import { decodeContent } from "./decode-content.ts";
import type { Exchange } from "./exchange.ts";
import { findModel } from "./find-model.ts";
import { multipartBoundary } from "./multipart.ts";
import type { ReadBody } from "./read-body.ts";

/**
 * The model, "" for none; or why the request goes no further.
 *
 * @param mayUseAll  whether the client's models are all there are, so that nothing hangs on finding it
 */
export function readModel(exchange: Exchange, body: ReadBody, mayUseAll: boolean): string | OwnError {
  switch (body.kind) {
    case "whole":
      return readHeldModel(exchange, body.bytes, mayUseAll);
    case "upload":
      return body.upload.isWhole
        ? readHeldModel(exchange, body.head, mayUseAll)
        : readUploadModel(exchange, body.head);
    default:
      return refusalOf(body.kind, exchange.runtime.config.server);
  }
}

function readHeldModel(exchange: Exchange, bytes: Buffer, mayUseAll: boolean): string | OwnError {
  const { request, runtime } = exchange;
  const decoded = decodeContent(
    bytes,
    request.headers.get("content-encoding"),
    runtime.config.server.maxBodyBytes,
  );
  if (decoded === undefined && !mayUseAll) {
    const message = "The body's content-encoding cannot be read, and this client may not use every model.";
    return { status: 403, code: "unreadable_body", message };
  }
  const found = findOrRefuse(exchange, decoded);
  if (decoded !== undefined || typeof found === "string") return found;
  const message =
    "The model cannot be read: the body's content-encoding is not known here, or its content is broken or larger than server.maxBody.";
  return { status: 400, code: "unreadable_body", message };
}

/** Of an upload that goes on behind what was read of it: in a form, or not in the body at all. */
function readUploadModel(exchange: Exchange, head: Buffer): string | OwnError {
  const contentType = exchange.request.headers.get("content-type") ?? "";
  const isForm = multipartBoundary(contentType) !== undefined;
  const found = findOrRefuse(exchange, isForm ? head : undefined, true);
  if (typeof found === "string" || found.code !== "missing_model") return found;
  const message =
    "The model was not found in what is held of this upload. Put it before the file, or raise server.maxBody.";
  return { ...found, status: 413, message };
}

function findOrRefuse(exchange: Exchange, body: Buffer | undefined, isHead = false): string | OwnError {
  const { api, request, path, query } = exchange;
  const contentType = request.headers.get("content-type") ?? "";
  const noted = fieldsToNote(exchange.runtime.config.rotation.affinity, body);
  const found = findModel({ api, method: request.method, path, query, contentType, body, isHead, noted });
  if (found.kind === "found") {
    exchange.size = found.size;
    exchange.affinity = affinityOf(exchange, body, found.scan);
    return found.model;
  }
  const param = found.code.endsWith("_model") ? "model" : undefined;
  return { status: 400, code: found.code, message: found.message, param };
}
