import { Account } from "./account.ts";
import type { ApiName, Call } from "./call.ts";
import { type Conversation, conversationOf } from "./conversation.ts";
import type { Delivery } from "./deliver.ts";
import type { AnswerMaterial, Dialect, Refusal } from "./dialect.ts";
import { consequenceOf, FaultPlan, type Fault } from "./faults.ts";
import { ModelLimits, type SimulatedLimits } from "./limits.ts";
import { mintedBy, takesTokens } from "./minted.ts";
import { errorPage, htmlReply, jsonReply, type Reply } from "./reply.ts";
import { deltasOf, sentenceOf } from "./text.ts";

export interface SimulatedKey {
  readonly secret: string;
  /** Models that this key may use; default all. */
  readonly models?: readonly string[];
  /** APIs at which this key is known; default all. */
  readonly apis?: readonly ApiName[];
  /** Limits for each model, enforced strictly; default none. */
  readonly limits?: SimulatedLimits;
  /** Keys of the same have their things in common; default: each key is an account. */
  readonly account?: string;
  /** The standing fault, until changed. */
  readonly fault?: Fault;
}

/** What a request gets. */
export interface Answer {
  readonly reply: Reply;
  /** Where the reply accepts a WebSocket. */
  readonly conversation?: Conversation;
  readonly delivery: Delivery;
  readonly limitHeaders: Readonly<Record<string, string>>;
  /** Gives back the concurrency that the request held; to be called once, at its end. */
  readonly release: () => void;
}

/** A request as its answer is decided from. */
export interface Asked {
  readonly dialect: Dialect;
  readonly call: Call;
  readonly secret: string | undefined;
  readonly tooLarge: boolean;
  readonly requestId: string;
}

/** Whether an API takes a key: its own, and Anthropic's chats in OpenAI's form (https://docs.anthropic.com/en/api/openai-sdk). */
function isTakenBy({ apis }: SimulatedKey, { api }: Dialect, { operation }: Call): boolean {
  if (apis === undefined || apis.includes(api)) return true;
  return api === "openai" && apis.includes("anthropic") && operation === "POST chat/completions";
}

/** The keys with their limits and faults; decides every answer when its request arrives. */
export class Keyring {
  readonly faults = new FaultPlan();
  readonly #keys = new Map<string, SimulatedKey>();
  readonly #minted = new Map<string, SimulatedKey>();
  readonly #accounts = new Map<string, Account>();
  readonly #limits = new Map<string, Map<string, ModelLimits>>();

  /** @param chunks how many deltas of text a stream has */
  constructor(readonly chunks: number | undefined) {}

  add(key: SimulatedKey): void {
    this.#keys.set(key.secret, key);
    this.#limits.set(key.secret, new Map());
    this.faults.set(key.secret, key.fault);
  }

  answer(asked: Asked): Answer {
    const { dialect, call, secret } = asked;
    if (secret === undefined) return refused(asked, { kind: "no-credential" });
    const key = this.#keys.get(secret) ?? (takesTokens(call) ? this.#minted.get(secret) : undefined);
    if (key === undefined || !isTakenBy(key, dialect, call)) return refused(asked, { kind: "dead" });
    if (asked.tooLarge) return refused(asked, { kind: "too-large" });

    const fault = this.faults.take(secret, call.stream);
    const consequence = fault === undefined ? undefined : consequenceOf(fault);
    // Google takes any handshake, and tells in the close frame what is wrong.
    const isLate = call.operation.startsWith("SOCKET Bidi");
    if (consequence?.kind === "refuse" && !isLate) return refused(asked, consequence.refusal);
    if (consequence?.kind === "page")
      return plain(htmlReply(errorPage(consequence.status), consequence.status));

    const sentence = sentenceOf(key.secret);
    const deltas = deltasOf(sentence, this.chunks);
    // What an answer makes is there once it is admitted; what is said on a WebSocket later, at once.
    const account = this.#accountOf(key);
    const cached = account.promptCache.find(call);
    const changes = [() => account.promptCache.keep(cached, call.arrival.at)];
    let isAdmitted = false;
    const material: AnswerMaterial = {
      requestId: asked.requestId,
      sentence,
      deltas,
      models: key.models,
      account,
      cached,
      commit: (change) => void (isAdmitted ? change() : changes.push(change)),
    };
    const reply = dialect.answer(call, material);
    if (reply === undefined) return refused(asked, { kind: "unknown-path" });
    if (call.invalid !== undefined) return refused(asked, { kind: "bad-request", message: call.invalid });
    const unserved = refusalOfModel(key, call.model);
    if (unserved !== undefined) return refused(asked, unserved);

    if (reply.kind !== "whole" && reply.kind !== "stream") return refused(asked, reply);

    const limits = this.#limitsOf(key, call);
    const now = call.arrival.at;
    const overrun = limits?.admit(call.promptTokens + call.maxOutputTokens, now);
    const told = limits !== undefined && key.limits?.headers !== false;
    const limitHeaders = told ? dialect.limitHeaders(limits.gauges(now), now) : {};
    if (overrun !== undefined) {
      const { waitMs, ...facts } = overrun;
      return { ...refused(asked, { kind: "limited", ...facts, retryAfterMs: waitMs }), limitHeaders };
    }
    isAdmitted = true;
    for (const change of changes) change();
    const fails = consequence?.kind === "stream-error" && reply.kind === "stream";
    const minted = mintedBy(call, asked.requestId);
    if (minted !== undefined) this.#minted.set(minted, key);
    if (reply.status === 101) {
      const refusal = consequence !== undefined && "refusal" in consequence ? consequence.refusal : undefined;
      const refusalOf = (model: string | undefined) => refusalOfModel(key, model);
      return {
        reply,
        conversation: conversationOf(call, material, refusal, refusalOf),
        delivery: consequence?.kind === "deliver" ? consequence.delivery : { kind: "intact" },
        limitHeaders,
        release: () => {},
      };
    }
    return {
      reply: fails ? withStreamError(reply, asked, consequence.refusal, consequence.first) : reply,
      delivery: consequence?.kind === "deliver" ? consequence.delivery : { kind: "intact" },
      limitHeaders,
      release: () => limits?.release(),
    };
  }

  #accountOf({ secret, account: name = secret }: SimulatedKey): Account {
    const account = this.#accounts.get(name) ?? new Account();
    this.#accounts.set(name, account);
    return account;
  }

  /** Only what generates counts: lists and token counts are free. */
  #limitsOf(key: SimulatedKey, call: Call): ModelLimits | undefined {
    const free = call.arrival.method !== "POST" || /count_?tokens$/i.test(call.operation);
    if (key.limits === undefined || free) return undefined;
    const models = this.#limits.get(key.secret);
    const model = call.model ?? "";
    const known = models?.get(model);
    if (known !== undefined) return known;
    const limits = new ModelLimits(key.limits);
    models?.set(model, limits);
    return limits;
  }
}

function refusalOfModel({ models }: SimulatedKey, model: string | undefined): Refusal | undefined {
  return model !== undefined && models?.includes(model) === false ? { kind: "unserved-model" } : undefined;
}

function plain(reply: Reply): Answer {
  return { reply, delivery: { kind: "intact" }, limitHeaders: {}, release: () => {} };
}

function refused({ dialect, call, requestId }: Asked, refusal: Refusal): Answer {
  const { status, headers, body } = dialect.refuse(call, refusal, requestId);
  const reply = typeof body === "string" ? htmlReply(body, status) : jsonReply(body, 0, status);
  return plain({ ...reply, headers: { ...reply.headers, ...headers } });
}

/** Providers end the stream after an error event, without the events that would have closed it. */
function withStreamError(
  reply: Extract<Reply, { kind: "stream" }>,
  { dialect, call, requestId }: Asked,
  refusal: Refusal,
  first: boolean,
): Reply {
  const before = first ? 0 : Math.max(reply.lead + 1, Math.floor(reply.parts.length / 2));
  const error = dialect.streamError(call, refusal, requestId, first);
  return { ...reply, parts: [...reply.parts.slice(0, before), error] };
}
