/** An answer before it is sent. `completionTokens` is what its usage tells. */
export type Reply =
  | {
      readonly kind: "whole";
      readonly status: number;
      readonly headers: Readonly<Record<string, string>>;
      readonly body: Uint8Array;
      readonly completionTokens: number;
    }
  | {
      readonly kind: "stream";
      readonly status: number;
      readonly headers: Readonly<Record<string, string>>;
      /** Written one by one. */
      readonly parts: readonly string[];
      /** How many parts come before the first that has content. */
      readonly lead: number;
      readonly completionTokens: number;
    };

const encoder = new TextEncoder();

export function jsonReply(body: unknown, completionTokens = 0, status = 200): Reply {
  return {
    kind: "whole",
    status,
    headers: { "content-type": "application/json" },
    body: encoder.encode(JSON.stringify(body)),
    completionTokens,
  };
}

export function htmlReply(body: string, status: number): Reply {
  const headers = { "content-type": "text/html; charset=UTF-8" };
  return { kind: "whole", status, headers, body: encoder.encode(body), completionTokens: 0 };
}

export function binaryReply(body: Uint8Array, contentType: string): Reply {
  return {
    kind: "whole",
    status: 200,
    headers: { "content-type": contentType },
    body,
    completionTokens: 0,
  };
}

export function streamReply(
  parts: readonly string[],
  lead: number,
  completionTokens: number,
  contentType = "text/event-stream; charset=utf-8",
): Reply {
  const headers = { "content-type": contentType, "cache-control": "no-cache" };
  return { kind: "stream", status: 200, headers, parts, lead, completionTokens };
}

/** A WebSocket is accepted; the conversation is not the reply's business. */
export function socketReply(): Reply {
  return { kind: "stream", status: 101, headers: {}, parts: [], lead: 0, completionTokens: 0 };
}

/** One server-sent event. */
export function sse(data: unknown, event?: string): string {
  const text = typeof data === "string" ? data : JSON.stringify(data);
  return event === undefined ? `data: ${text}\n\n` : `event: ${event}\ndata: ${text}\n\n`;
}

/** A page as a provider's edge sends when what is behind it is down. */
export function errorPage(status: number): string {
  return `<html>\r\n<head><title>${status} Upstream Error</title></head>\r\n<body>\r\n<center><h1>${status} Upstream Error</h1></center>\r\n<hr><center>cloudflare</center>\r\n</body>\r\n</html>\r\n`;
}
