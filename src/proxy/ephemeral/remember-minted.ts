import { formatError } from "../../providers/error-format.ts";
import { decodeContent } from "../decode-content.ts";
import type { Exchange } from "../exchange.ts";
import { callIn, type Mint, type Minted, tokenIn } from "./minted.ts";

/** A token's answer is some kilobytes; a larger one, once decoded, holds none. */
const MAX_ANSWER_BYTES = 1024 * 1024;

/**
 * Remembers which key made what an answer tells of, so that who presents it later is known, and gets to
 * that key.
 *
 * @returns the same answer
 */
export async function rememberMinted(exchange: Exchange, mints: Mint, response: Response): Promise<Response> {
  if (response.status >= 300) return response;
  if (mints === "call") {
    remember(exchange, callIn(response.headers, Date.now()));
    return response;
  }
  const { status, statusText, headers } = response;
  let body: Buffer;
  try {
    body = Buffer.from(await response.arrayBuffer());
  } catch {
    // It broke off, which its exchange has told of.
    const message = "The upstream broke off its answer.";
    const error = { status: 502, code: "upstream_failed", message } as const;
    return new Response(formatError(exchange.api, error), {
      status: 502,
      headers: { "content-type": "application/json" },
    });
  }
  const text = decodeContent(body, headers.get("content-encoding"), MAX_ANSWER_BYTES);
  if (text !== undefined) remember(exchange, tokenIn(text.toString(), Date.now()));
  return new Response(body, { status, statusText, headers });
}

function remember({ reservation, runtime, client, model }: Exchange, minted: Minted | undefined): void {
  if (reservation === undefined || minted === undefined) return;
  const { name, expiresMs } = minted;
  runtime.bindings.remember(name, { key: reservation.key.state, client, model, expiresMs }, Date.now());
}
