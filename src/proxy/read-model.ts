import type { OwnError } from "../providers/error-format.ts";
import { allowsModel } from "../rotation/models.ts";
import { affinityOf, fieldsToNote } from "./affinity-key.ts";
import type { Client } from "./authenticate.ts";
import { refusalOf } from "./body-refusal.ts";
import { modelNotAllowed } from "./client-errors.ts";
import { decodeContent } from "./decode-content.ts";
import type { Exchange } from "./exchange.ts";
import { decodePath, findModel } from "./find-model.ts";
import { furtherModels } from "./further-models.ts";
import { multipartBoundary } from "./multipart.ts";
import type { ReadBody } from "./read-body.ts";

/**
 * The model, "" for none; or why the request goes no further. Whether the client may use it is not
 * asked here, but whether it may use all that the request names beside it.
 *
 * @param client  one whose models are all there are may send what cannot be read
 */
export function readModel(exchange: Exchange, body: ReadBody, client: Client): string | OwnError {
  switch (body.kind) {
    case "whole":
      return readHeldModel(exchange, body.bytes, client);
    case "upload":
      return body.upload.isWhole
        ? readHeldModel(exchange, body.head, client)
        : readUploadModel(exchange, body.head);
    default:
      return refusalOf(body.kind, exchange.runtime.config.server);
  }
}

/** OpenAI's responses, whose stored prompt may name the model, and calls, whose default is the provider's. */
const MAY_LEAVE_MODEL = /\/(?:responses(?:\/compact)?|realtime\/(?:[a-z]+\/)?calls)\/*$/;

/** Whether a request that names no model has one chosen for it elsewhere. */
export function mayLeaveModel(method: string, path: string): boolean {
  return method === "POST" && MAY_LEAVE_MODEL.test(decodePath(path) ?? path);
}

function readHeldModel(exchange: Exchange, bytes: Buffer, client: Client): string | OwnError {
  const { request, runtime } = exchange;
  const mayUseAll = client.models.includes("*");
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
  if (typeof found === "string" && decoded !== undefined && !mayUseAll)
    return whyNotFurther(decoded, client) ?? found;
  if (decoded !== undefined || typeof found === "string") return found;
  const message =
    "The model cannot be read: the body's content-encoding is not known here, or its content is broken or larger than server.maxBody.";
  return { status: 400, code: "unreadable_body", message };
}

function whyNotFurther(body: Buffer, { name, models }: Client): OwnError | undefined {
  const further = furtherModels(body);
  if (further === "duplicate") {
    const message =
      'The body has the field "models" twice: upstreams differ on which one counts, so send one.';
    return { status: 400, code: "duplicate_model", message, param: "models" };
  }
  const refused = further.find((model) => !allowsModel(models, model));
  return refused === undefined ? undefined : modelNotAllowed(name, refused);
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
