import type { OwnError } from "../../providers/error-format.ts";
import type { Outcome } from "../../providers/outcome.ts";
import { type Attempt, attempt } from "../attempt.ts";
import { ANONYMOUS, type Client } from "../authenticate.ts";
import type { Exchange } from "../exchange.ts";
import type { Runtime, UpstreamKey } from "../runtime.ts";
import type { Binding } from "./bindings.ts";
import { namedCall, presentedToken } from "./presented.ts";

/** The one key that can serve a request, and what the request is to carry in place of its secret. */
export interface Bound {
  readonly key: UpstreamKey;
  /** An ephemeral token; undefined where the key's own secret is right. */
  readonly token: string | undefined;
}

/** Realtime WebSockets, what belongs to calls over WebRTC, and Google's WebSockets. */
const MAY_BE_BOUND = /\/realtime(?:\/|$)|^\/ws\//;

/**
 * Ties a request that carries an ephemeral token to the key that made it; the token goes to the upstream as
 * it is, since what it allows and the session that it was made for are known there only. A request about a
 * call goes to the key that made the call, as far as that is known.
 *
 * @param client  who sends it, by any other token; undefined for nobody
 * @returns who had the token made; or what is wrong with it; undefined where the request carries none
 */
export function bind(
  exchange: Exchange,
  client: Client | undefined,
): Client | { error: OwnError } | undefined {
  const { runtime, path, request, query } = exchange;
  if (!MAY_BE_BOUND.test(path)) return undefined;
  const isKnown = client !== undefined && client !== ANONYMOUS;
  const token = isKnown ? undefined : presentedToken(path, request.headers, query);
  if (token === undefined) {
    bindToCall(exchange);
    return undefined;
  }
  const binding = runtime.bindings.find(token, Date.now());
  const key = keyOf(runtime, binding);
  const owner =
    runtime.clients.length === 0 ? ANONYMOUS : runtime.clients.find(({ name }) => name === binding?.client);
  if (binding === undefined || key === undefined || owner === undefined) return { error: UNKNOWN_TOKEN };
  exchange.bound = { key, token };
  exchange.model = binding.model;
  exchange.attempt = attemptWithToken;
  return owner;
}

const UNKNOWN_TOKEN: OwnError = {
  status: 401,
  code: "unknown_ephemeral_token",
  message:
    "This ephemeral token was not made through this proxy since it was started, or has expired, or its key is gone. Make a new one.",
};

function bindToCall(exchange: Exchange): void {
  const { runtime, path, query } = exchange;
  const call = namedCall(path, query);
  const key = call === undefined ? undefined : keyOf(runtime, runtime.bindings.find(call, Date.now()));
  if (key !== undefined) exchange.bound = { key, token: undefined };
}

function keyOf(runtime: Runtime, binding: Binding | undefined): UpstreamKey | undefined {
  return binding && runtime.keys.find(({ state }) => state === binding.key);
}

/** A token that is refused says nothing of the key that made it. */
export function asTokens(outcome: Outcome): Outcome {
  return outcome.kind === "dead" ? { kind: "client-error" } : outcome;
}

const attemptWithToken: Attempt = async (...given) => {
  const { outcome, answer } = await attempt(...given);
  return { outcome: asTokens(outcome), answer };
};
