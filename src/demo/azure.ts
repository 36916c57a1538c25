import { bearerOf, decodeSegment, type Arrival, type Call } from "./call.ts";
import type { Dialect, Refusal, RetryHint, WordedRefusal } from "./dialect.ts";
import type { Gauges } from "./limits.ts";
import { refuseAsOpenAi, streamErrorAsOpenAi } from "./openai-errors.ts";
import { answerOpenAi, readOpenAi } from "./openai.ts";
import { retryHeaders } from "./retry-hint.ts";

const USUAL_HINTS: readonly RetryHint[] = ["header", "header-ms"];
const DEPLOYMENT = /^\/openai\/deployments\/([^/]+)\/(.+)$/;

/**
 * Azure OpenAI: OpenAI's bodies behind deployments in the path, with its own credential, headers and
 * gateway errors (https://learn.microsoft.com/azure/ai-services/openai/reference).
 */
export const azure: Dialect = {
  api: "azure",
  // The v1 surface takes the key as a bearer too, which is how the plain OpenAI SDK sends it.
  secretOf: (arrival) => arrival.headers["api-key"] ?? arrival.query.get("api-key") ?? bearerOf(arrival),
  read: readAzure,
  answer: answerOpenAi,
  refuse: refuseAsAzure,
  streamError: streamErrorAsOpenAi,
  headers: (requestId, elapsedMs) => ({
    "apim-request-id": requestId,
    "x-request-id": requestId,
    "x-ms-region": "Simulator",
    "openai-processing-ms": String(Math.round(elapsedMs)),
  }),
  limitHeaders: azureLimitHeaders,
};

async function readAzure(arrival: Arrival): Promise<Call> {
  const [, deployment, operation] = DEPLOYMENT.exec(arrival.pathname) ?? [];
  if (deployment !== undefined && operation !== undefined) {
    // Without an API version the gateway finds no such resource.
    const path = arrival.query.has("api-version") ? operation : "no-api-version";
    return readOpenAi(arrival, path, decodeSegment(deployment));
  }
  return readOpenAi(arrival, arrival.pathname.replace(/^\/openai\/(?:v1\/)?/, ""));
}

function refuseAsAzure(call: Call, refusal: Refusal): WordedRefusal {
  switch (refusal.kind) {
    case "limited": {
      const seconds = Math.ceil(Math.min(refusal.retryAfterMs, 86_400_000) / 1_000);
      const said = refusal.hint === undefined || refusal.hint === "body";
      const again = said ? ` Please retry after ${seconds} seconds.` : "";
      const limit = refusal.on === "tokens" ? "token" : "call";
      return {
        ...gatewayError(
          429,
          "429",
          `Requests to the ChatCompletions_Create Operation under Azure OpenAI API have exceeded ${limit} rate limit of your current OpenAI S0 pricing tier.${again}`,
        ),
        headers: retryHeaders(refusal.retryAfterMs, refusal.hint, USUAL_HINTS, call.arrival.at),
      };
    }
    case "dead":
    case "no-credential":
      return gatewayError(
        401,
        "401",
        "Access denied due to invalid subscription key or wrong API endpoint. Make sure to provide a valid key for an active subscription and use a correct regional API endpoint for your resource.",
      );
    case "unserved-model":
      return gatewayError(
        404,
        "DeploymentNotFound",
        "The API deployment for this resource does not exist. If you created the deployment within the last 5 minutes, please wait a moment and try again.",
      );
    case "unknown-path":
      return gatewayError(404, "404", "Resource not found");
    default:
      return refuseAsOpenAi(call, refusal);
  }
}

function gatewayError(status: number, code: string, message: string): WordedRefusal {
  return { status, headers: {}, body: { error: { code, message } } };
}

/** Azure tells its token reset in whole seconds, and none for requests. */
function azureLimitHeaders({ requests, tokens, day }: Gauges): Record<string, string> {
  const calls = requests ?? day;
  return {
    ...(calls === undefined
      ? {}
      : {
          "x-ratelimit-limit-requests": String(calls.limit),
          "x-ratelimit-remaining-requests": String(calls.remaining),
        }),
    ...(tokens === undefined
      ? {}
      : {
          "x-ratelimit-limit-tokens": String(tokens.limit),
          "x-ratelimit-remaining-tokens": String(tokens.remaining),
          "x-ratelimit-reset-tokens": String(Math.ceil(tokens.fullInMs / 1_000)),
        }),
  };
}
