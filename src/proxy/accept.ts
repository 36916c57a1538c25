import type { Server } from "bun";

import type { Log } from "../observe/log.ts";
import { apiOf } from "../providers/api.ts";
import type { OwnError } from "../providers/error-format.ts";
import { boundsFitAt, takeFromBounds } from "../rotation/limits/bounds.ts";
import { allowsModel } from "../rotation/models.ts";
import { authenticate, type Client, presentsToken } from "./authenticate.ts";
import { answerPreflight, refuseBrowser } from "./browser-guard.ts";
import { answerBug } from "./bug.ts";
import { type Chain, startChain } from "./chain.ts";
import { modelNotAllowed, overLimit, SECRET_AS_MODEL } from "./client-errors.ts";
import { bind } from "./ephemeral/bind.ts";
import { mintsAt } from "./ephemeral/minted.ts";
import { rememberMinted } from "./ephemeral/remember-minted.ts";
import type { Exchange } from "./exchange.ts";
import { forward } from "./forward.ts";
import { LongRequest } from "./long-request.ts";
import { answerModels, modelsQuestionOf } from "./models/answer-models.ts";
import { mountOf } from "./mount.ts";
import { answerList } from "./owners/lists/answer-list.ts";
import { findOwner, poolFor } from "./owners/own-request.ts";
import { answerError } from "./own-answer.ts";
import { bodyToSend, type ReadBody, readBody } from "./read-body.ts";
import { mayLeaveModel, readModel } from "./read-model.ts";
import { NO_SIZE } from "./request-size.ts";
import { requestIdOf } from "./request-id.ts";
import { beginOnce, type RequestTarget } from "./request-target.ts";
import type { Allowance } from "./runtime.ts";
import type { Serving } from "./serving.ts";
import { escapesBase } from "./upstream-url.ts";
import { watch } from "./watchdog.ts";
import type { ClientSide } from "./websocket/client-side.ts";
import { isHandshake } from "./websocket/handshake.ts";
import { openWebSocket } from "./websocket/open-websocket.ts";

/** A refusal by KeyCycle itself, on the way to the upstream. */
class Refused {
  constructor(readonly error: OwnError) {}
}

/**
 * A request's way: who sends it, what it asks for, which keys may serve it, and on to `forward`.
 *
 * @param now  epoch milliseconds of its arrival
 */
export function accept(
  request: Request,
  target: RequestTarget,
  server: Server<ClientSide>,
  serving: Serving,
  log: Log,
  now: number,
): Response | Promise<Response> {
  const { runtime } = serving;
  const { headers } = request;
  const mount = mountOf(target, headers, runtime.azureOwnsOpenAiPath);
  const path = beginOnce(target.path.slice(mount.prefix.length));
  const { query } = target;
  const exchange: Exchange = {
    id: requestIdOf(headers, runtime.secrets),
    arrivedMs: now,
    request,
    path,
    query,
    api: mount.api ?? apiOf(path, headers),
    runtime,
    serving,
    log,
    attempts: [],
    isOver: false,
    client: "",
    model: "",
    size: NO_SIZE,
    affinity: undefined,
    alias: undefined,
    owned: undefined,
    abort: undefined,
    clientGone: false,
    watched: undefined,
    isCleared: false,
    reservation: undefined,
    attempt: undefined,
    bound: undefined,
    held: undefined,
    upload: undefined,
  };
  try {
    return begin(exchange, server);
  } catch (error) {
    return answerBug(exchange, error);
  }
}

function begin(exchange: Exchange, server: Server<ClientSide>): Response | Promise<Response> {
  const { request, runtime } = exchange;
  const { headers } = request;
  const preflight = answerPreflight(request.method, runtime.config.server.cors, headers);
  if (preflight !== undefined) return preflight;
  const checked = checkSender(exchange, server);
  if (checked instanceof Refused) return answerError(exchange, checked.error);

  exchange.watched = new LongRequest(exchange, server);
  if (isHandshake(headers)) {
    exchange.watched.expire();
    return openWebSocket(exchange, server, checked, (message) => serve(exchange, checked, message));
  }
  watch(exchange.watched);
  return serve(exchange, checked, undefined);
}

/**
 * From what a request asks for to its answer. Never rejects.
 *
 * @param given  what stands in for its body; undefined where that is to be read
 */
async function serve(exchange: Exchange, client: Client, given: ReadBody | undefined): Promise<Response> {
  const { runtime, path, request } = exchange;
  try {
    const body = given ?? (await readBody(request, path, runtime.hold, runtime.config.server.readTimeoutMs));
    if (body.kind === "upload") exchange.upload = body.upload;
    const mayUseAll = client.models.includes("*");
    const model = readModel(exchange, body, client);
    if (typeof model !== "string")
      return answerError(exchange, model, body.kind === "no-room" ? BUSY_MS : undefined);
    if (runtime.secrets.isIn(model)) return answerError(exchange, SECRET_AS_MODEL);
    // What a WebSocket names later, nobody hears; a token allows the model that it was made for.
    const mustName = exchange.model === "" && (given !== undefined || mayLeaveModel(request.method, path));
    if (!mayUseAll && (model === "" ? mustName : !allowsModel(client.models, model)))
      return answerError(exchange, modelNotAllowed(client.name, model));
    // Without a word of it, that of the token.
    if (model !== "") exchange.model = model;
    const chain = chainFor(exchange, model, body);
    const tokens = runtime.tokenTrends.estimate(exchange.api, exchange.model, exchange.size);
    const fitsAtMs = hold(exchange, client.allowance, tokens);
    if (fitsAtMs !== undefined) return answerError(exchange, overLimit(client.name), fitsAtMs - Date.now());
    const question = modelsQuestionOf(exchange);
    if (question !== undefined) return await answerModels(exchange, question, client.models);
    const noOwner = findOwner(exchange, body);
    if (noOwner !== undefined) return answerError(exchange, noOwner);
    const merged = exchange.owned === undefined ? undefined : await answerList(exchange);
    if (merged !== undefined) return merged;
    const pool = poolFor(exchange, exchange.model);
    const response = await forward(exchange, pool, bodyToSend(body), tokens, chain);
    const mints = mintsAt(request.method, path);
    return mints === undefined ? response : await rememberMinted(exchange, mints, response);
  } catch (error) {
    return answerBug(exchange, error);
  }
}

/** Where an alias is asked for, the models that it stands for, of which the first is under way. */
function chainFor(exchange: Exchange, asked: string, body: ReadBody): Chain | undefined {
  const { runtime, api, path, query, request, bound } = exchange;
  const models = runtime.aliases.get(asked);
  if (models === undefined) return undefined;
  exchange.alias = asked;
  [exchange.model] = models;
  const maxDecodedBytes = runtime.config.server.maxBodyBytes;
  return startChain(asked, bound === undefined ? models : [models[0]], {
    api,
    path,
    query,
    headers: request.headers,
    body,
    maxDecodedBytes,
  });
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
  exchange.held = { allowance, tokens, sinceMs: now };
  return undefined;
}

function checkSender(exchange: Exchange, server: Server<unknown>): ReturnType<typeof requireClient> {
  const { request, runtime, path } = exchange;
  const { config } = runtime;
  if (server.pendingRequests + server.pendingWebSockets > config.server.maxRequests) {
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
  return client;
}

function requireClient(exchange: Exchange) {
  const { request, runtime, query } = exchange;
  const client = authenticate(runtime.clients, request.headers, query);
  const owner = bind(exchange, client);
  if (owner !== undefined) return "error" in owner ? new Refused(owner.error) : owner;
  if (client !== undefined) return client;
  const message = presentsToken(request.headers, query)
    ? 'The API key sent is not the token of any client of this proxy. Use a token from "clients" in its configuration, not a provider\'s key.'
    : "This proxy asks for a client token: send it where your SDK puts its API key.";
  return new Refused({ status: 401, code: "invalid_client_token", message });
}
