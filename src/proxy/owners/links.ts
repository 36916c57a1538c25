import type { Exchange } from "../exchange.ts";
import type { Answer } from "../judge.ts";
import { readWhole } from "../read-whole.ts";
import type { BodyReader } from "../relay.ts";
import type { UpstreamKey } from "../runtime.ts";
import { hereOf, withoutBase } from "./here.ts";

/** A list of a thousand batches is below this. */
const MAX_BYTES = 4 * 1024 * 1024;

/**
 * Where the results of a batch are, which Anthropic's SDKs ask for as it stands
 * (https://docs.anthropic.com/en/api/retrieving-message-batch-results).
 */
const RESULTS_URL = /("results_url"\s*:\s*")(https?:\/\/[^"\\\s]+)(?=")/g;

/** Whether a request's answer may hold links that have to lead back here. */
export function mayHoldLinks({ api, path }: Exchange): boolean {
  return api === "anthropic" && path.includes("/messages/batches");
}

/** Of an answer that cannot be read to its end: the client's connection is broken off as well. */
const BROKEN: BodyReader = {
  read: () => Promise.reject(new Error("The answer cannot be read.")),
  cancel: () => Promise.resolve(),
};

/** Makes the links in an answer that point at the key's upstream lead back here. */
export async function bringLinksBack(exchange: Exchange, key: UpstreamKey, answer: Answer): Promise<Answer> {
  const { headers, status } = answer;
  if (status >= 300 || !/\bjson$|\bjson;/i.test(headers.get("content-type") ?? "")) return answer;
  const body = await readWhole(answer, MAX_BYTES);
  if (body === undefined) return { ...answer, body: { kind: "stream", head: [], reader: BROKEN } };
  headers.delete("content-encoding");
  headers.delete("content-length");
  const bytes = Buffer.from(withLinksHere(exchange, key, body.toString("utf8")));
  return { ...answer, body: { kind: "whole", bytes } };
}

export function withLinksHere(exchange: Exchange, key: UpstreamKey, text: string): string {
  return text.replaceAll(RESULTS_URL, (whole, name: string, link: string) => {
    if (!URL.canParse(link)) return whole;
    const { origin, pathname, search } = new URL(link);
    if (origin !== key.base.origin) return whole;
    return `${name}${hereOf(exchange)}${withoutBase(pathname, key.base)}${search}`;
  });
}
