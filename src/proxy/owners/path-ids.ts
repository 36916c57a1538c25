import type { Api } from "../../providers/api.ts";
import { decodePath } from "../find-model.ts";

/** What a path is about. */
export interface PathIds {
  /** The ids in it, the outermost first. */
  readonly ids: readonly string[];
  /** It ends with its only id: deleting that deletes the thing itself. */
  readonly isThing: boolean;
}

const NONE: PathIds = { ids: [], isThing: false };

/** Gemini's upload sessions are named in the query (https://ai.google.dev/api/files#method:-media.upload). */
const UPLOAD_PREFIX = "/upload/";

/**
 * The ids that a path names, and Gemini's upload session.
 *
 * @param query  with its question mark, or ""
 */
export function idsInPath(api: Api, path: string, query: string): PathIds {
  const decoded = decodePath(path);
  if (decoded === undefined) return NONE;
  if (api === "gemini") return inGeminiPath(decoded, query);
  // Google's own names, which have their kind in them, stand in its OpenAI paths: `batches/batches/abc`.
  if (api === "gemini-openai") return inGeminiPath(decoded.replace(/\/(\w+)\/\1\//, "/$1/"), "");
  return inPlainPath(decoded);
}

/** `/v1`, and Azure's and Google's beginnings before OpenAI's paths. */
const BEFORE_PATH = /^(?:\/(?:v\d+(?:alpha|beta)?\d*|openai|api|inference|upload|download))+(?=\/)/;

/** What stands behind the version, with its slash. */
export function withoutBeginning(path: string): string {
  return path.replace(BEFORE_PATH, "");
}

/** In `fine_tuning/jobs/ftjob-1/cancel` words are lower case; ids, made of random characters, are not all of that. */
const HAS_ID_CHARACTER = /[A-Z\d-]/;

/** Such as the version of a skill: it tells no account. */
const ONLY_DIGITS = /^\d+$/;

function inPlainPath(path: string): PathIds {
  const segments = withoutBeginning(path).split("/").slice(1);
  const ids = segments.filter(
    (segment, index) => index > 0 && HAS_ID_CHARACTER.test(segment) && !ONLY_DIGITS.test(segment),
  );
  return { ids, isThing: ids.length === 1 && segments.at(-1) === ids[0] };
}

/** `after_id` and `before_id` are where a page of a list begins. */
const ID_PARAMETER = /^(?:id|(?!after_|before_)[a-z_]+_id)$/;

/** The ids in a query: OpenRouter's `generation?id=`, Anthropic's `files?scope_id=`. */
export function idsInQuery(query: string): string[] {
  if (!query.includes("id=")) return [];
  return [...new URLSearchParams(query)].flatMap(([name, value]) =>
    ID_PARAMETER.test(name) && HAS_ID_CHARACTER.test(value) && !ONLY_DIGITS.test(value) ? [value] : [],
  );
}

/** Google's paths are pairs of a kind and a name, with a method behind a colon. */
function inGeminiPath(path: string, query: string): PathIds {
  if (path.startsWith(UPLOAD_PREFIX)) {
    const session = new URLSearchParams(query).get("upload_id");
    if (session !== null) return { ids: [sessionId(session)], isThing: false };
  }
  const [kind, name, ...rest] = withoutBeginning(path)
    .replace(/:[a-zA-Z]+$/, "")
    .split("/")
    .slice(1);
  if (kind === undefined || name === undefined) return NONE;
  // A model is nobody's, but its operations are (`models/veo-3/operations/abc`).
  if (kind === "models")
    return rest.length < 2 ? NONE : { ids: [[kind, name, ...rest].join("/")], isThing: true };
  return { ids: [`${kind}/${name}`], isThing: rest.length === 0 };
}

/** By which an upload session of Google's is remembered. */
export function sessionId(upload: string): string {
  return `upload_id ${upload}`;
}
