import type { Server } from "bun";

import type { Log } from "../observe/log.ts";
import { apiOf } from "../providers/api.ts";
import type { OwnError } from "../providers/error-format.ts";
import { boundsFitAt, takeFromBounds } from "../rotation/limits/bounds.ts";
import { allowsModel } from "../rotation/models.ts";
import { authenticate, presentsToken } from "./authenticate.ts";
import { refusalOf } from "./body-refusal.ts";
import { answerPreflight, refuseBrowser } from "./browser-guard.ts";
import { type Chain, startChain } from "./chain.ts";
import { decodeContent } from "./decode-content.ts";
import type { Exchange } from "./exchange.ts";
import { findModel } from "./find-model.ts";
import { forward } from "./forward.ts";
import { LongRequest } from "./long-request.ts";
import { answerModels, modelsQuestionOf } from "./models/answer-models.ts";
import { mountOf } from "./mount.ts";
import { multipartBoundary } from "./multipart.ts";
import { answerError } from "./own-answer.ts";
import { bodyToSend, type ReadBody, readBody } from "./read-body.ts";
import { NO_SIZE } from "./request-size.ts";
import { requestIdOf } from "./request-id.ts";
import { beginOnce, type RequestTarget } from "./request-target.ts";
import type { Allowance } from "./runtime.ts";
import type { Serving } from "./serving.ts";
import { escapesBase } from "./upstream-url.ts";
import { watch } from "./watchdog.ts";

/** A refusal by KeyCycle itself, on the way to the upstream. */
class Refused {
  constructor(readonly error: OwnError) {}
}

/**
 * A request's way: who sends it, what it asks for, which keys may serve it, and on to `forward`.
 *
 * @param now  epoch milliseconds of its arrival
 */
export async function accept(
  request: Request,
  target: RequestTarget,
  server: Server<unknown>,
  serving: Serving,
  log: Log,
  now: number,
): Promise<Response> {
  const { runtime } = serving;
  const { headers } = request;
  const mount = mountOf(target, headers, runtime.azureOwnsOpenAiPath);
  const path = beginOnce(target.path.slice(mount.prefix.length));
  const { query } = target;
  const exchange: Exchange = {
    id: requestIdOf(headers),
    arrivedMs: now,
    request,
    path,
    query,
    api: mount.api ?? apiOf(path, headers),
    runtime,
    serving,
    log,
    attempts: [],
    client: "",
    model: "",
    size: NO_SIZE,
    alias: undefined,
    abort: undefined,
    clientGone: false,
    watched: undefined,
    isCleared: false,
    reservation: undefined,
    held: undefined,
    upload: undefined,
  };
  const preflight = answerPreflight(request.method, runtime.config.server.cors, headers);
  if (preflight !== undefined) return preflight;
  const checked = checkSender(exchange, server);
  if (checked instanceof Refused) return answerError(exchange, checked.error);

  exchange.watched = new LongRequest(exchange, server);
  watch(exchange.watched);
  const { maxBodyBytes, readTimeoutMs } = runtime.config.server;
  const body = await readBody(request, path, runtime.hold, readTimeoutMs);
  if (body.kind === "upload") exchange.upload = body.upload;
  const mayUseAll = checked.models.includes("*");
  const model = readModel(exchange, body, mayUseAll);
  if (model instanceof Refused)
    return answerError(exchange, model.error, body.kind === "no-room" ? BUSY_MS : undefined);
  if (!mayUseAll && model !== "" && !allowsModel(checked.models, model)) {
    return answerError(exchange, {
      status: 403,
      code: "model_not_allowed",
      message: `The client "${checked.name}" may not use the model "${model}": its "models" do not name it.`,
      param: "model",
    });
  }
  exchange.model = model;
  const models = runtime.aliases.get(model);
  let chain: Chain | undefined;
  if (models !== undefined) {
    exchange.alias = model;
    [exchange.model] = models;
    const received = { api: exchange.api, path, query, headers, body };
    chain = startChain(model, models, { ...received, maxDecodedBytes: maxBodyBytes });
  }
  const tokens = runtime.tokenTrends.estimate(exchange.api, exchange.model, exchange.size);
  const fitsAtMs = hold(exchange, checked.allowance, tokens);
  if (fitsAtMs !== undefined) return answerError(exchange, overLimit(checked.name), fitsAtMs - Date.now());
  const question = modelsQuestionOf(exchange);
  if (question !== undefined) return await answerModels(exchange, question, checked.models);
  const pool = runtime.poolFor(exchange.api, exchange.model);
  return await forward(exchange, pool, bodyToSend(body), tokens, chain);
}

/** Where only the end of another request of the client makes room, this is when to look again. */
const BUSY_MS = 1_000;

/**
 * Takes a request's part of its client's limits.
 *
 * @returns when it would fit, epoch milliseconds; undefined where it does and is taken
 */
function hold(exchange: Exchange, allowance: Allowance, tokens: number): number | undefined {
  const now = Date.now();
  const at = boundsFitAt(allowance.bounds, allowance.inFlight, tokens, now);
  if (at > now) return Number.isFinite(at) ? at : now + BUSY_MS;
  takeFromBounds(allowance.bounds, tokens, now);
  allowance.inFlight += 1;
  exchange.held = { allowance, tokens };
  return undefined;
}

function overLimit(client: string): OwnError {
  const message = `The client "${client}" is at the limits that this proxy's configuration gives it.`;
  return { status: 429, code: "client_rate_limit_exceeded", message };
}

function checkSender(exchange: Exchange, server: Server<unknown>): ReturnType<typeof requireClient> {
  const { request, runtime, path } = exchange;
  const { config } = runtime;
  if (server.pendingRequests > config.server.maxRequests) {
    const message = `More than ${config.server.maxRequests} requests are under way (server.maxRequests).`;
    return new Refused({ status: 503, code: "too_many_requests", message });
  }
  const guard = refuseBrowser(config, request.headers);
  if (guard !== undefined) return new Refused({ status: 403, code: "forbidden_origin", message: guard });
  const client = requireClient(exchange);
  if (client instanceof Refused) return client;
  exchange.client = client.name;
  if (escapesBase(path)) {
    const message = "The path holds an encoded dot segment, which could leave the upstream's base URL.";
    return new Refused({ status: 400, code: "invalid_path", message });
  }
  if (request.method === "CONNECT") {
    const message = "KeyCycle is a reverse proxy: it opens no tunnels.";
    return new Refused({ status: 501, code: "connect_unsupported", message });
  }
  if (request.headers.get("upgrade")?.toLowerCase() === "websocket") {
    return new Refused({
      status: 501,
      code: "websocket_unsupported",
      message: "KeyCycle does not relay WebSockets yet.",
    });
  }
  return client;
}

function requireClient({ request, runtime, query }: Exchange) {
  const client = authenticate(runtime.clients, request.headers, query);
  if (client !== undefined) return client;
  const message = presentsToken(request.headers, query)
    ? 'The API key sent is not the token of any client of this proxy. Use a token from "clients" in its configuration, not a provider\'s key.'
    : "This proxy asks for a client token: send it where your SDK puts its API key.";
  return new Refused({ status: 401, code: "invalid_client_token", message });
}

/**
 * The model, "" for none; or why the request goes no further.
 *
 * @param mayUseAll  whether the client's models are all there are, so that nothing hangs on finding it
 */
function readModel(exchange: Exchange, body: ReadBody, mayUseAll: boolean): string | Refused {
  switch (body.kind) {
    case "whole":
      return readHeldModel(exchange, body.bytes, mayUseAll);
    case "upload":
      return body.upload.isWhole
        ? readHeldModel(exchange, body.head, mayUseAll)
        : readUploadModel(exchange, body.head);
    default:
      return new Refused(refusalOf(body.kind, exchange.runtime.config.server));
  }
}

function readHeldModel(exchange: Exchange, bytes: Buffer, mayUseAll: boolean): string | Refused {
  const { request, runtime } = exchange;
  const decoded = decodeContent(
    bytes,
    request.headers.get("content-encoding"),
    runtime.config.server.maxBodyBytes,
  );
  if (decoded === undefined && !mayUseAll) {
    const message = "The body's content-encoding cannot be read, and this client may not use every model.";
    return new Refused({ status: 403, code: "unreadable_body", message });
  }
  const found = findOrRefuse(exchange, decoded);
  if (decoded !== undefined || typeof found === "string") return found;
  const message =
    "The model cannot be read: the body's content-encoding is not known here, or its content is broken or larger than server.maxBody.";
  return new Refused({ status: 400, code: "unreadable_body", message });
}

/** Of an upload that goes on behind what was read of it: in a form, or not in the body at all. */
function readUploadModel(exchange: Exchange, head: Buffer): string | Refused {
  const contentType = exchange.request.headers.get("content-type") ?? "";
  const isForm = multipartBoundary(contentType) !== undefined;
  const found = findOrRefuse(exchange, isForm ? head : undefined, true);
  if (typeof found === "string" || found.error.code !== "missing_model") return found;
  const message =
    "The model was not found in what is held of this upload. Put it before the file, or raise server.maxBody.";
  return new Refused({ ...found.error, status: 413, message });
}

function findOrRefuse(exchange: Exchange, body: Buffer | undefined, isHead = false): string | Refused {
  const { api, request, path, query } = exchange;
  const contentType = request.headers.get("content-type") ?? "";
  const found = findModel({ api, method: request.method, path, query, contentType, body, isHead });
  if (found.kind === "found") {
    exchange.size = found.size;
    return found.model;
  }
  const param = found.code.endsWith("_model") ? "model" : undefined;
  return new Refused({ status: 400, code: found.code, message: found.message, param });
}
