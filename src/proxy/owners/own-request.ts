import type { OwnError } from "../../providers/error-format.ts";
import { createPool, type Pool } from "../../rotation/pool.ts";
import { decodeContent } from "../decode-content.ts";
import type { Exchange } from "../exchange.ts";
import type { ReadBody } from "../read-body.ts";
import type { UpstreamKey } from "../runtime.ts";
import { multipartBoundary } from "../multipart.ts";
import { isHandshake } from "../websocket/handshake.ts";
import { type Account, nameOf } from "./accounts.ts";
import { idsInBody } from "./body-ids.ts";
import { type Claim, claimOf } from "./claim.ts";
import { type Endpoint, endpointOf, isGenerating } from "./endpoint.ts";
import { idsInForm } from "./form-ids.ts";
import { lifetimeOf } from "./lifetime.ts";
import type { Only } from "./owned.ts";
import { idsInPath, idsInQuery, type PathIds } from "./path-ids.ts";
import { PIN_HEADER, pinnedKey } from "./pinned.ts";
import { resourcePools } from "./resource-pools.ts";

const NO_IDS: PathIds = { ids: [], isThing: false };

/**
 * Finds what a request names and who alone can serve it, and notes that in the exchange.
 *
 * @returns why nobody can; undefined where somebody may
 */
export function findOwner(exchange: Exchange, body: ReadBody): OwnError | undefined {
  const { api, request, path, query, runtime } = exchange;
  if (exchange.bound !== undefined) return undefined;
  // What a WebSocket asks for stands in its first message as it would in a body.
  const method = isHandshake(request.headers) ? "POST" : request.method;
  const bytes = wholeOf(body);
  const endpoint = asAsked(endpointOf(api, method, path), bytes);
  const pinned = pinnedKey(exchange);
  if (pinned !== undefined && "status" in pinned) return pinned;

  const inPath = endpoint.kind === "resource" ? idsInPath(api, path, query) : NO_IDS;
  const inBody = idsNamed(exchange, endpoint, bytes ?? headOf(body));
  const inQuery = endpoint.kind === "resource" ? idsInQuery(query) : [];
  const ids = [...inPath.ids, ...inQuery, ...inBody];
  if (pinned === undefined && ids.length === 0 && endpoint.kind !== "resource" && !endpoint.makes)
    return undefined;

  const now = Date.now();
  const claim = claimOf(ids, runtime.owners, resourcePools(runtime).accounts, now);
  const refusal = whyRefused(claim, pinned);
  if (refusal !== undefined) return refusal;
  if (claim.kind === "owned") {
    runtime.owners.remember(claim.id, claim.account.number, now + lifetimeOf(claim.id), now);
  }
  exchange.owned = {
    endpoint,
    path: inPath,
    ids,
    only: pinned === undefined ? onlyOf(claim) : pinnedOnly(pinned),
    seek:
      pinned === undefined && claim.kind === "unknown"
        ? { gone: claim.gone, asked: 0, missing: undefined }
        : undefined,
  };
  return undefined;
}

/** Undefined for an upload that goes on while it is sent. */
function wholeOf(body: ReadBody): Buffer | undefined {
  if (body.kind === "upload") return body.upload.isWhole ? body.head : undefined;
  return body.kind === "whole" ? body.bytes : undefined;
}

/** The beginning of a form that goes on while it is sent, where its text fields mostly are. */
function headOf(body: ReadBody): Buffer | undefined {
  if (body.kind !== "upload") return undefined;
  return body.head.length > 0 ? body.head : Buffer.from(body.upload.beginning);
}

/** Whether its answer will tell an id that matters, only its body tells: most chats and messages make nothing. */
function asAsked(endpoint: Endpoint, body: Buffer | undefined): Endpoint {
  if (endpoint.makesWhere === undefined || body?.includes(endpoint.makesWhere) !== true) return endpoint;
  return { ...endpoint, makes: true };
}

function idsNamed({ request, runtime }: Exchange, { names }: Endpoint, body: Buffer | undefined): string[] {
  if (names === undefined || body === undefined || body.length === 0) return [];
  const { headers } = request;
  const encoding = headers.get("content-encoding");
  const decoded = decodeContent(body, encoding, runtime.config.server.maxBodyBytes);
  if (decoded === undefined) return [];
  const boundary = multipartBoundary(headers.get("content-type") ?? "");
  return boundary === undefined ? idsInBody(decoded, names) : idsInForm(decoded, boundary, names.names);
}

function whyRefused(claim: Claim<UpstreamKey>, pinned: UpstreamKey | undefined): OwnError | undefined {
  if (claim.kind === "torn") {
    const { first, second } = claim;
    const message = `This request names things of two accounts, and neither sees the other's: "${shown(first.id)}" belongs to ${nameOf(first.account)}, "${shown(second.id)}" to ${nameOf(second.account)}. Make both with one key (header ${PIN_HEADER}). If these keys are of one account, say so: give them the same "account" in the configuration.`;
    return { status: 400, code: "two_owners", message };
  }
  if (claim.kind !== "owned" || pinned === undefined || claim.account.keys.includes(pinned)) return undefined;
  const message = `${PIN_HEADER} asks for the key "${pinned.name}", but "${shown(claim.id)}" belongs to ${nameOf(claim.account)}.`;
  return { status: 400, code: "two_owners", message };
}

function onlyOf(claim: Claim<UpstreamKey>): Only | undefined {
  return claim.kind === "owned" ? ownerOnly(claim.id, claim.account) : undefined;
}

function ownerOnly(id: string, account: Account<UpstreamKey>): Only {
  return {
    keys: account.keys,
    id: `account ${account.number}`,
    why: `"${shown(id)}" belongs to ${nameOf(account)}, and no other key can use it.`,
  };
}

function pinnedOnly(key: UpstreamKey): Only {
  return { keys: [key], id: `key ${key.name}`, why: `${PIN_HEADER} asks for ${key.name} alone.` };
}

/** Ids of sessions and of encrypted text are long, and nobody's to read. */
function shown(id: string): string {
  return /^(?:upload_id|encrypted) /.test(id) ? `${id.slice(0, 32)}…` : id;
}

/** The keys that a request may go to, as far as what it names allows. */
export function poolFor(exchange: Exchange, model: string): Pool<UpstreamKey> {
  const { owned, api, path, runtime, client, bound } = exchange;
  if (bound !== undefined) return createPool(model, [bound.key]);
  if (owned === undefined) return runtime.poolFor(api, model, isGenerating(path));
  const { only, seek, endpoint } = owned;
  if (only !== undefined) return resourcePools(runtime).among(only.keys, only.id, api, model);
  if (endpoint.kind !== "resource") return runtime.poolFor(api, model, isGenerating(path));
  if (seek === undefined) return resourcePools(runtime).atHome(api, model, client);
  return model === "" ? resourcePools(runtime).anywhere(api) : runtime.poolFor(api, model, false);
}
