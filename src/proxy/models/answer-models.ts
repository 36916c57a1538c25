import type { Api } from "../../providers/api.ts";
import type { OwnError } from "../../providers/error-format.ts";
import { allowsModel } from "../../rotation/models.ts";
import { endExchange, type Exchange } from "../exchange.ts";
import { answerError, setOwnHeaders } from "../own-answer.ts";
import { PIN_HEADER } from "../owners/pinned.ts";
import { type Gathered, gatherFrom, gatherModels } from "./gather.ts";
import { type Offer, offerOf, type OfferQuestion, offersOf } from "./offers.ts";
import { anthropicPage, geminiPage, tokenFor } from "./page.ts";
import { type ModelsQuestion, readQuestion } from "./question.ts";

/** A model that is not in a list as old as this may have come since: it is looked for once more. */
const RECHECK_MS = 30_000;

/** What an exchange asks of the models; undefined where it asks for anything else. */
export function modelsQuestionOf({ api, request, path, runtime }: Exchange): ModelsQuestion | undefined {
  if (!path.includes("/models")) return undefined;
  const asked = { api, method: request.method, path };
  return readQuestion(asked, () => runtime.keys.map(({ base }) => base.path));
}

/**
 * Answers which models there are: of the keys that speak the client's API what they serve, aliases
 * included, as far as the client may use it.
 *
 * @param allowed  the client's own models
 */
export async function answerModels(
  exchange: Exchange,
  question: ModelsQuestion,
  allowed: readonly string[],
): Promise<Response> {
  const { api, runtime, log, request } = exchange;
  const asked = request.headers.get(PIN_HEADER);
  if (asked !== null) return await answerFromKey(exchange, question, asked, allowed);
  if (question.kind === "one" && !allowsModel(allowed, question.id))
    return answerError(exchange, notAllowed(exchange.client, question.id));

  const { aliases } = runtime.config;
  const gathered = await gatherModels(runtime, api, log);
  if (question.kind === "list" || offerOf({ api, aliases, allowed, ...gathered }, question.id) !== undefined)
    return answerWith(exchange, question, gathered, aliases, allowed);
  return answerWith(exchange, question, await gatherModels(runtime, api, log, RECHECK_MS), aliases, allowed);
}

/** What one key's upstream lists for it, all of it and nothing else. */
async function answerFromKey(
  exchange: Exchange,
  question: ModelsQuestion,
  name: string,
  allowed: readonly string[],
): Promise<Response> {
  const { api, runtime, log } = exchange;
  const key = runtime.keys.find((each) => each.name === name && each.provider.serves(api, each.config));
  if (!allowed.includes("*")) {
    const message = `${PIN_HEADER} asks for all models of a key, and the client "${exchange.client}" may not use them all.`;
    return answerError(exchange, { status: 403, code: "model_not_allowed", message });
  }
  if (key === undefined) {
    const message = `${PIN_HEADER}: no key of that name speaks this API.`;
    return answerError(exchange, { status: 404, code: "key_not_found", message });
  }
  return answerWith(exchange, question, await gatherFrom(runtime, api, log, key), [], allowed);
}

function answerWith(
  exchange: Exchange,
  question: ModelsQuestion,
  gathered: Gathered,
  aliases: OfferQuestion["aliases"],
  allowed: readonly string[],
): Response {
  const asked: OfferQuestion = { api: exchange.api, offerings: gathered.offerings, aliases, allowed };
  if (question.kind === "list") return answerList(exchange, offersOf(asked), gathered);
  const offer = offerOf(asked, question.id);
  return offer === undefined
    ? answerError(exchange, noSuchModel(question.id, gathered))
    : answerJson(exchange, offer.text, gathered);
}

function notAllowed(client: string, model: string): OwnError {
  const message = `The client "${client}" may not use the model "${model}": its "models" do not name it.`;
  return { status: 403, code: "model_not_allowed", message, param: "model" };
}

function noSuchModel(id: string, { offerings, missing }: Gathered): OwnError {
  const isSpoken = offerings.some(({ speaks }) => speaks);
  if (isSpoken && missing.length > 0)
    return {
      status: 503,
      code: "models_unknown",
      message: `Whether there is a model "${id}" is not known: ${told(missing)}.`,
    };
  const message = `No key that speaks this API serves the model "${id}".`;
  return { status: 404, code: "model_not_found", message, param: "model" };
}

function answerList(exchange: Exchange, offers: readonly Offer[], gathered: Gathered): Response {
  const { missing, offerings } = gathered;
  if (offers.length === 0 && missing.length > 0) {
    const message = `No upstream told its models: ${told(missing)}.`;
    return answerError(exchange, { status: 503, code: "models_unknown", message });
  }
  if (!offerings.some(({ speaks }) => speaks)) {
    const message = "No key of this proxy speaks this API.";
    return answerError(exchange, { status: 404, code: "model_not_found", message });
  }
  const listed = pageOf(exchange.api, offers, exchange.query);
  return typeof listed === "string" ? answerJson(exchange, listed, gathered) : answerError(exchange, listed);
}

function told(missing: Gathered["missing"]): string {
  return missing.map(({ key, reason }) => `${key}: ${reason}`).join("; ");
}

/** The list, or the part of it that is asked for, as the API has it. */
function pageOf(api: Api, offers: readonly Offer[], query: string): string | OwnError {
  if (api !== "anthropic" && api !== "gemini") return `{"object":"list","data":[${textOf(offers)}]}`;
  const ids = offers.map(({ id }) => id);
  const page = api === "anthropic" ? anthropicPage(ids, query) : geminiPage(ids, query);
  if (page.kind === "invalid")
    return { status: 400, code: "invalid_parameter", message: page.message, param: page.param };
  const shown = offers.slice(page.start, page.end);
  const last = shown.at(-1)?.id;
  if (api === "gemini") {
    const token = page.hasMore && last !== undefined ? `,"nextPageToken":"${tokenFor(last)}"` : "";
    return `{"models":[${textOf(shown)}]${token}}`;
  }
  const ends = JSON.stringify({
    has_more: page.hasMore,
    first_id: shown[0]?.id ?? null,
    last_id: last ?? null,
  });
  return `{"data":[${textOf(shown)}],${ends.slice(1)}`;
}

function textOf(offers: readonly Offer[]): string {
  return offers.map(({ text }) => text).join(",");
}

/** To HEAD, the server sends the headers alone. */
function answerJson(exchange: Exchange, body: string, { missing }: Gathered): Response {
  const headers = new Headers({ "content-type": "application/json" });
  setOwnHeaders(exchange, headers, undefined, null);
  if (missing.length > 0 && exchange.runtime.config.server.responseHeaders)
    headers.set("x-keycycle-incomplete", missing.map(({ key }) => encodeURIComponent(key)).join(", "));
  endExchange(exchange, { status: 200, key: "", firstByteMs: Date.now() });
  return new Response(body, { status: 200, headers });
}
