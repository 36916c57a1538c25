import type { Api } from "../providers/api.ts";
import { beginsLikeObject, readMember, type ScanResult, scanTopLevel } from "./json-scan.ts";
import { nestedPlaces, type Place, WITHIN_SESSION } from "./model-places.ts";
import { findFormField, MALFORMED_FORM, multipartBoundary } from "./multipart.ts";
import { findNested } from "./nested-model.ts";
import { OUTPUT_FIELDS, type RequestSize, sizeOf } from "./request-size.ts";

export type FoundModel =
  | {
      readonly kind: "found";
      /** "" where the request names none and need not. */
      readonly model: string;
      readonly size: RequestSize;
      /** Of a body in JSON, with what was to be noted. */
      readonly scan: ScanResult | undefined;
    }
  | InvalidRequest;

/** The request is at fault; `message` says where and what to do. */
interface InvalidRequest {
  readonly kind: "invalid";
  readonly code: string;
  readonly message: string;
}

/** What the model is looked for in. `body` is undefined where the request has none, or none that can be read. */
export interface ModelQuestion {
  readonly api: Api;
  readonly method: string;
  readonly path: string;
  /** With its question mark, or "". */
  readonly query: string;
  readonly contentType: string;
  readonly body: Buffer | undefined;
  /** The body goes on behind what was read of it; only forms may. */
  readonly isHead?: boolean;
  /** Fields of a JSON body that the scan is to have besides the model. Default: `OUTPUT_FIELDS`, which are to be among them. */
  readonly noted?: ReadonlySet<string>;
}

/** Endpoints that cannot be answered without a model, of any API, with or without the version before them. */
const NEEDS_MODEL =
  /\/(?:chat\/completions|completions|embeddings|audio\/(?:transcriptions|translations|speech)|messages|messages\/count_tokens|complete|rerank)$/;

/** Endpoints that take files, and the data of Google's resumable uploads: what stands in those is no model. */
const CARRIES_FILE = /\/(?:files|parts|skills|versions)$|^\/upload\//;

/** Whether the bodies of an endpoint are files, which name no model, or forms around them. */
export function carriesFile(path: string): boolean {
  return CARRIES_FILE.test(path);
}

const MODEL_ONLY: ReadonlySet<string> = new Set(["model"]);

/** Names are short; what is longer is no model, and would be kept in memory as one. */
const MAX_MODEL_LENGTH = 256;

/**
 * Finds the model that a request asks for, in its path, its JSON or form body, or its query; and, in the
 * same pass over the body, how large the request is.
 */
export function findModel(question: ModelQuestion): FoundModel {
  const { body, contentType } = question;
  const boundary = multipartBoundary(contentType);
  const isFile = carriesFile(question.path) && !JSON_TYPE.test(contentType);
  const scan = boundary === undefined && !isFile ? scanBody(question) : undefined;
  const told = isFile ? undefined : inBody(question, boundary, scan);
  const model = inPath(question) ?? told ?? inQuery(question);
  if (typeof model === "object") return model;
  if (model === undefined || model === "") {
    if (
      question.method === "POST" &&
      NEEDS_MODEL.test(question.path) &&
      !/\/(?:threads|uploads)\//.test(question.path)
    ) {
      return invalid("missing_model", 'The request names no model: set the field "model" of the body.');
    }
  } else if (model.length > MAX_MODEL_LENGTH) {
    return invalid("invalid_model", `The model's name is longer than ${MAX_MODEL_LENGTH} characters.`);
  }
  return { kind: "found", model: model ?? "", size: sizeOf(body, scan, contentType), scan };
}

/** A body that begins like an object is read whatever its type: upstreams may take it for JSON too. */
function scanBody({ contentType, body, noted = OUTPUT_FIELDS }: ModelQuestion): ScanResult | undefined {
  if (body === undefined || body.length === 0) return undefined;
  const looksLikeObject = JSON_TYPE.test(contentType) || beginsLikeObject(body) === true;
  return looksLikeObject ? scanTopLevel(body, MODEL_ONLY, noted) : undefined;
}

const JSON_TYPE = /\bjson\b/i;

function inPath({ api, path }: ModelQuestion): string | InvalidRequest | undefined {
  const pattern = api === "gemini" ? GEMINI_MODEL : api === "azure" ? AZURE_DEPLOYMENT : undefined;
  if (pattern === undefined) return undefined;
  const decoded = decodePath(path);
  if (decoded === undefined) return invalid("invalid_model", "The path has a broken % escape.");
  return pattern.exec(decoded)?.[1];
}

/** As an upstream reads it: `models/large%3AgenerateContent` asks for a model too. */
export function decodePath(path: string): string | undefined {
  if (!path.includes("%")) return path;
  try {
    return decodeURIComponent(path);
  } catch {
    return undefined;
  }
}

/** `models/{model}:{method}`; the plain `GET models/{model}` asks about a model, which any key may tell. */
export const GEMINI_MODEL = /\/(?:models|tunedModels)\/([^/:]+)\/*:[a-zA-Z]+\/*$/;
export const AZURE_DEPLOYMENT = /^\/openai\/deployments\/([^/]+)\//;

function inBody(
  { api, path, contentType, body, isHead }: ModelQuestion,
  boundary: string | undefined,
  scan: ScanResult | undefined,
): string | InvalidRequest | undefined {
  if (body === undefined || body.length === 0) return undefined;
  if (boundary !== undefined) {
    const field = findFormField(body, boundary, "model", !isHead);
    if (field === "malformed") return invalid("invalid_form", MALFORMED_FORM);
    return field?.value ?? inSessionField(body, boundary, path, isHead);
  }
  if (scan === undefined || scan.kind === "not-an-object") return undefined;
  if (scan.kind === "duplicate") {
    const message = `The body has the field "model" twice, again at byte ${scan.offset}: upstreams differ on which one counts, so send one.`;
    return invalid("duplicate_model", message);
  }
  if (scan.kind === "malformed") {
    // Bytes of another type that only begin like an object, as JSON lines do.
    if (!JSON_TYPE.test(contentType) && !UNTOLD.test(contentType)) return undefined;
    return invalid("invalid_json", `The body is not valid JSON at byte ${scan.offset}: ${scan.reason}.`);
  }
  const span = scan.members.get("model");
  if (span === undefined) return withoutKind(api, inNested(body, nestedPlaces(path)));
  // OpenAI's runs take null for the assistant's own model.
  if (body.toString("latin1", span.start, span.end) === "null") return undefined;
  const model = readMember(body, span);
  if (model === undefined) return invalid("invalid_model", 'The field "model" must be a string.');
  return withoutKind(api, model);
}

/** Gemini names resources by their kind: "models/gemini-2.5-flash". */
function withoutKind<Found>(api: Api, model: Found | string): Found | string {
  return typeof model === "string" && (api === "gemini" || api === "gemini-openai")
    ? model.replace(/^models\//, "")
    : model;
}

/** A call's form has the session that it is for as a field of JSON. */
function inSessionField(
  body: Buffer,
  boundary: string,
  path: string,
  isHead: boolean | undefined,
): string | InvalidRequest | undefined {
  if (nestedPlaces(path).length === 0) return undefined;
  const field = findFormField(body, boundary, "session", !isHead);
  if (field === "malformed")
    return invalid("invalid_form", 'The multipart body has the field "session" twice.');
  return field && inNested(body.subarray(field.start, field.end), WITHIN_SESSION);
}

function inNested(body: Buffer, places: readonly Place[]): string | InvalidRequest | undefined {
  const found = findNested(body, places);
  if (found !== "duplicate") return found?.model;
  return invalid(
    "duplicate_model",
    "The model, or what it stands in, is there twice: upstreams differ on which one counts, so send one.",
  );
}

/** What SDKs and people with curl send JSON as when they say nothing of its type. */
const UNTOLD = /^(?:$|text\/plain\b|application\/x-www-form-urlencoded\b)/i;

/** OpenAI's realtime API has the model in the query, and Azure's preview of it the deployment. */
export function modelsInQuery(api: Api, query: string): string[] {
  // A percent sign may spell a letter of the name.
  const mayName = query.includes("%") || query.includes("model=") || query.includes("deployment=");
  if (!mayName) return [];
  const parameters = new URLSearchParams(query);
  return parameters.getAll(api === "azure" && parameters.has("deployment") ? "deployment" : "model");
}

/** Endpoints that take the model from nowhere but the body. */
const NAMES_IN_BODY = /\/(?:chat\/completions|completions|embeddings|messages|responses)\/*$/;

function inQuery({ api, path, query }: ModelQuestion): string | InvalidRequest | undefined {
  if (NAMES_IN_BODY.test(decodePath(path) ?? path)) return undefined;
  const [model, second] = modelsInQuery(api, query);
  if (second !== undefined) return invalid("duplicate_model", "The query names the model twice.");
  return model;
}

function invalid(code: string, message: string): InvalidRequest {
  return { kind: "invalid", code, message };
}
