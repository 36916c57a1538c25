import { isShowable } from "./secrecy.ts";
import type { Parsed } from "./units.ts";

/**
 * A provider's base URL: http or https, nothing after the path, no trailing slash. Credentials and
 * queries are refused since URLs are logged.
 */
export function parseBaseUrl(text: string): Parsed<string> {
  const parsed = parseHttpUrl(text);
  if (!parsed.ok) return parsed;
  const url = parsed.value;
  if (url.username !== "" || url.password !== "") {
    return {
      ok: false,
      problem: "must not hold a user name or password",
      instead: "put the secret into key or headers",
    };
  }
  if (/[?#]/.test(text)) {
    const [address = ""] = text.split(/[?#]/);
    const bare = withoutEnd(address, endpointOf(url) ?? "");
    return {
      ok: false,
      problem: "must end with the path, without a query or fragment",
      instead: isShowable(bare) ? bare : "the address up to the ? or #",
    };
  }
  const endpoint = endpointOf(url);
  if (endpoint !== undefined) {
    const bare = withoutEnd(text, endpoint);
    return {
      ok: false,
      problem: `must be the base URL, without the endpoint ${endpoint} that clients ask for`,
      instead: isShowable(bare) ? bare : "the address before it",
    };
  }
  return { ok: true, value: url.origin + url.pathname.replace(/\/+$/, "") };
}

/** The end of a path that is what a client asks for, as in an example for curl. */
function endpointOf({ pathname }: URL): string | undefined {
  const path = pathname.replace(/\/+$/, "");
  return ENDPOINTS.map((endpoint) => endpoint.exec(path)?.[0]).find((end) => end !== undefined);
}

function withoutEnd(address: string, end: string): string {
  const trimmed = address.replace(/\/+$/, "");
  return trimmed.slice(0, trimmed.length - end.length);
}

/** What Azure's, OpenAI's, Anthropic's, Google's and compatible APIs have below their base URL. */
const ENDPOINTS = [
  /\/openai\/deployments\/[^/]+\/.+$/,
  /\/chat\/completions$/,
  /(?<=\/v\d\w*)\/(?:completions|messages|responses|embeddings|rerank|moderations)$/,
  /(?<=\/v\d\w*)\/(?:images\/generations|audio\/\w+|models|models\/[^/]+:\w+)$/,
];

/** An outbound proxy: http or https, credentials allowed. */
export function parseProxyUrl(text: string): Parsed<string> {
  const parsed = parseHttpUrl(text);
  if (!parsed.ok) {
    const problem = "must be the address of an HTTP proxy, such as http://10.0.0.5:8080";
    return { ok: false, problem, instead: "http:// or https:// before the host; SOCKS is not spoken" };
  }
  return { ok: true, value: parsed.value.href.replace(/\/$/, "") };
}

/** What a browser sends as `Origin` (RFC 6454): scheme, host and port; or `*` for all. */
export function parseOrigin(text: string): Parsed<string> {
  if (text === "*") return { ok: true, value: text };
  const url = URL.parse(text);
  if (
    url !== null &&
    url.host !== "" &&
    text.replace(/\/$/, "").toLowerCase() === `${url.protocol}//${url.host}`
  ) {
    return { ok: true, value: `${url.protocol}//${url.host}` };
  }
  const problem = 'must be an origin such as https://app.example.com, or "*"';
  if (url !== null && /^https?:$/.test(url.protocol) && isShowable(url.origin))
    return { ok: false, problem, instead: url.origin };
  return /^[\w-]+(?:\.[\w-]+)*(?::\d+)?$/.test(text)
    ? { ok: false, problem, instead: `${text.startsWith("localhost") ? "http" : "https"}://${text}` }
    : { ok: false, problem };
}

/** A host name or address without scheme, port or path. */
export function parseHostName(text: string): Parsed<string> {
  const bare = text.replace(/^\[(.*)\]$/, "$1").toLowerCase();
  if (/^[a-z0-9_.-]+$/.test(bare) || /^[0-9a-f.]*:[0-9a-f:.]+(?:%\w+)?$/.test(bare)) {
    // `localhost:80` has one colon, an IPv6 address has two or more.
    if (!/^[^:]*:[^:]*$/.test(bare)) return { ok: true, value: bare };
  }
  return { ok: false, problem: "must be a host name or address, without scheme, port or path" };
}

const NOT_A_URL = "must be an address such as https://api.openai.com/v1";

function parseHttpUrl(text: string): Parsed<URL> {
  const url = URL.parse(text);
  if (url !== null && (url.protocol === "http:" || url.protocol === "https:") && /^https?:\/\//i.test(text)) {
    return { ok: true, value: url };
  }
  if (/^(?:[a-z0-9-]+\.)+[a-z]{2,}(?::\d+)?(?:\/[\w./-]*)?$/i.test(text)) {
    return { ok: false, problem: `${NOT_A_URL}: the scheme is missing`, instead: `https://${text}` };
  }
  return { ok: false, problem: NOT_A_URL };
}
