import { GOOGLE_SOCKET } from "./websocket/beginning.ts";

/** A base URL taken apart once, so that a request only adds its path. */
export interface BaseUrl {
  /** Scheme, host and port. */
  readonly origin: string;
  /** Without a trailing slash; "" for none. */
  readonly path: string;
  /** `/v1` where the path ends in a version segment; "" where it does not. */
  readonly version: string;
  /** Where Anthropic's Messages API is, if not beside the rest; "" where it is. */
  readonly messages: string;
}

/** Under what path some providers have their API, for base URLs that stop short of it. */
const HOMES: ReadonlyMap<string, string> = new Map([
  ["https://api.groq.com", "/openai"],
  ["https://openrouter.ai", "/api"],
  ["https://api.fireworks.ai", "/inference"],
]);

/** https://api-docs.deepseek.com/guides/anthropic_api; its OpenAI API is at the root or under `/v1`. */
const MESSAGES_HOMES: ReadonlyMap<string, string> = new Map([["https://api.deepseek.com", "/anthropic"]]);

/** @param url  as `KeyConfig.url`: http or https, no trailing slash, query or fragment */
export function parseBaseUrl(url: string): BaseUrl {
  const { origin, pathname } = new URL(url);
  const messages = MESSAGES_HOMES.get(origin) ?? "";
  const path = pathname === "/" || pathname === messages ? (HOMES.get(origin) ?? "") : pathname;
  // Google's OpenAI-compatible base stands for the `/v1` that OpenAI's clients begin their paths with.
  if (path.endsWith("/v1beta/openai")) return { origin, path, version: "/v1", messages };
  return { origin, path, messages, version: /\/v\d+(?:alpha|beta)?\d*$/.exec(path)?.[0] ?? "" };
}

/**
 * The URL of a request at an upstream. A version segment, or a whole base path, with which the request's
 * path begins as well is not doubled. The origin always comes first, so that nothing in the path can
 * name another host.
 *
 * @param path   begins with a slash; as received
 * @param query  with its question mark, or ""
 */
export function upstreamUrl(base: BaseUrl, path: string, query: string): string {
  const isMessages = base.messages !== "" && beginsWith(path, "/v1/messages");
  return base.origin + (isMessages ? base.messages + path : joinPaths(base, path)) + query;
}

function joinPaths(base: BaseUrl, path: string): string {
  if (base.path === "" || beginsWith(path, base.path)) return path;
  // Google's WebSockets have their version within the path's last segment.
  const isGoogles = GOOGLE_SOCKET.test(path) || GOOGLE_MEDIA.test(path);
  if (isGoogles && base.path.endsWith(base.version))
    return base.path.slice(0, base.path.length - base.version.length) + path;
  if (base.version !== "" && beginsWith(path, base.version))
    return base.path + path.slice(base.version.length);
  return base.path + path;
}

/** Google's uploads and downloads have the version behind a word of their own. */
const GOOGLE_MEDIA = /^\/(?:upload|download)\/v\d/;

function beginsWith(path: string, prefix: string): boolean {
  return path.startsWith(prefix) && (path.length === prefix.length || path[prefix.length] === "/");
}

/**
 * Whether a path could climb out of the base URL at an upstream that decodes it before it resolves it.
 * Bun has resolved plain dot segments by then; what is left are those beside an encoded slash or
 * backslash. An encoded slash alone is kept: Google's resource names may hold one.
 */
export function escapesBase(path: string): boolean {
  return path.includes("%") && /(?:^|\/|%2f|%5c)(?:\.|%2e){1,2}(?:%2f|%5c|\/|$)/i.test(path);
}

/** Where a query may hold the client's credential: Google's API keys and tokens, Azure's keys. */
const CREDENTIALS: ReadonlySet<string> = new Set(["key", "api-key", "access_token"]);

/** The query without the parameters that hold the client's credential; the rest as it was. */
export function dropKeyParameter(query: string): string {
  if (query === "") return query;
  const kept = query
    .slice(1)
    .split("&")
    .filter((part) => !CREDENTIALS.has(parameterName(part)));
  return kept.length === 0 ? "" : `?${kept.join("&")}`;
}

/** However much of it is escaped; "" for a parameter without a value. */
function parameterName(part: string): string {
  const name = part.slice(0, Math.max(0, part.indexOf("=")));
  return name.includes("%") ? ([...new URLSearchParams(name).keys()][0] ?? "") : name;
}
