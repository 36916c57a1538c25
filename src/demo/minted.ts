import type { Call } from "./call.ts";

/** The ephemeral tokens that stand for a key on its WebSockets, made from the id of the request for them. */
export function clientSecretOf(requestId: string): string {
  return requestId.replace(/^req_/, "ek_");
}

export function liveTokenOf(requestId: string): string {
  return requestId.replace(/^req_/, "auth_tokens/");
}

/** The token that a call has made, once it is answered. */
export function mintedBy({ operation }: Call, requestId: string): string | undefined {
  if (operation === "POST realtime/client_secrets") return clientSecretOf(requestId);
  return operation === "POST /v1alpha/auth_tokens" ? liveTokenOf(requestId) : undefined;
}

/** What a token opens; everything else takes a key. */
export function takesTokens({ operation }: Call): boolean {
  return (
    operation === "POST realtime/calls" ||
    /^SOCKET (?:realtime|BidiGenerateContentConstrained)$/.test(operation)
  );
}
