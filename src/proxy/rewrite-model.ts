import type { Api } from "../providers/api.ts";
import {
  AZURE_DEPLOYMENT,
  decodePath,
  GEMINI_MODEL,
  modelsInQuery,
  type ModelQuestion,
} from "./find-model.ts";
import { type MemberSpan, readMember, scanItems, scanTopLevel } from "./json-scan.ts";
import { allPlaces, nestedPlaces, type Place, WITHIN_SESSION } from "./model-places.ts";
import { findFormField, multipartBoundary } from "./multipart.ts";

/** A request, as far as it may name its model. */
export type NamingRequest = Omit<ModelQuestion, "method">;

/**
 * The request as it would ask for another model: each place that names the one asked for (`findModel`
 * says where that may be) names the other instead, and every other byte stays as it is.
 *
 * @returns parts that name no model are the very same
 */
export function rewriteModel(
  request: NamingRequest,
  asked: string,
  model: string,
): Pick<NamingRequest, "path" | "query" | "body"> {
  return {
    path: rewritePath(request, asked, model),
    query: rewriteQuery(request, asked, model),
    body: request.body && rewriteBody(request, request.body, asked, model),
  };
}

const MODEL_IN_PATH: Readonly<Partial<Record<Api, RegExp>>> = {
  gemini: new RegExp(GEMINI_MODEL, "d"),
  azure: new RegExp(AZURE_DEPLOYMENT, "d"),
};

function rewritePath({ api, path }: NamingRequest, asked: string, model: string): string {
  const decoded = decodePath(path) ?? "";
  const found = MODEL_IN_PATH[api]?.exec(decoded);
  const span = found?.indices?.[1];
  if (span === undefined || found?.[1] !== asked) return path;
  const [start, end] = span;
  return path.slice(0, encodedAt(path, start)) + encodeURIComponent(model) + path.slice(encodedAt(path, end));
}

/** One character of a path; where it is escaped, as many bytes as UTF-8 has for it (RFC 3629 §3). */
const CHARACTER =
  /%[0-7][\da-f]|%[cd][\da-f]%[\da-f]{2}|%e[\da-f](?:%[\da-f]{2}){2}|%f[\da-f](?:%[\da-f]{2}){3}|./gis;

/** Where in the path that stands which is at `index` of its decoded form. */
function encodedAt(path: string, index: number): number {
  let decoded = 0;
  for (const { 0: character, index: at } of path.matchAll(CHARACTER)) {
    if (decoded >= index) return at;
    decoded += decodeURIComponent(character).length;
  }
  return path.length;
}

function rewriteQuery({ api, query }: NamingRequest, asked: string, model: string): string {
  if (modelsInQuery(api, query).length === 0) return query;
  const parts = query.slice(1).split("&");
  const rewritten = parts.map((part) => {
    const isModel = modelsInQuery(api, part).includes(asked);
    return isModel ? `${part.slice(0, part.indexOf("="))}=${encodeURIComponent(model)}` : part;
  });
  return `?${rewritten.join("&")}`;
}

function rewriteBody(
  { api, path, contentType, isHead }: NamingRequest,
  body: Buffer,
  asked: string,
  model: string,
): Buffer {
  const boundary = multipartBoundary(contentType);
  if (boundary !== undefined) {
    const field = findFormField(body, boundary, "model", isHead !== true);
    if (field === "malformed") return body;
    if (field !== undefined) return field.value === asked ? splice(body, [{ ...field, text: model }]) : body;
    const session = findFormField(body, boundary, "session", isHead !== true);
    if (session === undefined || session === "malformed" || nestedPlaces(path).length === 0) return body;
    return splice(body, renamed(stringsAtAny(body, session, WITHIN_SESSION), [asked, model]));
  }
  const names = stringsAtAny(body, { start: 0, end: body.length }, allPlaces(api, path));
  const changes = renamed(names, [asked, model]);
  const isGoogle = api === "gemini" || api === "gemini-openai";
  return splice(
    body,
    isGoogle ? [...changes, ...renamed(names, [`models/${asked}`, `models/${model}`])] : changes,
  );
}

/** The strings of these that are one name, to be replaced by another. */
function renamed(strings: readonly Found[], [asked, model]: readonly [string, string]) {
  return strings
    .filter(({ value }) => value === asked)
    .map(({ start, end }) => ({ start, end, text: JSON.stringify(model) }));
}

interface Stretch {
  readonly start: number;
  readonly end: number;
}

interface Found extends Stretch {
  readonly value: string;
}

function stringsAtAny(body: Buffer, stretch: Stretch, places: readonly Place[]): Found[] {
  return places.flatMap((place) => stringsAt(body, stretch, place));
}

/** The strings that stand at a place in a JSON value. */
function stringsAt(body: Buffer, { start, end }: Stretch, [step, ...further]: Place): Found[] {
  const bytes = body.subarray(start, end);
  return spansAt(bytes, step).flatMap((span) => {
    const stretch = { start: start + span.start, end: start + span.end };
    if (further.length > 0) return stringsAt(body, stretch, further);
    const value = readMember(bytes, span);
    return value === undefined ? [] : [{ ...stretch, value }];
  });
}

function spansAt(bytes: Buffer, step: Place[number] | undefined): readonly MemberSpan[] {
  if (step === "each") return scanItems(bytes);
  const scan = step && scanTopLevel(bytes, step);
  return scan?.kind === "found" ? [...scan.members.values()] : [];
}

/** The bytes with other text in these places, which do not overlap; the very same where there are none. */
function splice(body: Buffer, changes: readonly (Stretch & { readonly text: string })[]): Buffer {
  if (changes.length === 0) return body;
  const parts: Buffer[] = [];
  let at = 0;
  for (const { start, end, text } of changes.toSorted((a, b) => a.start - b.start)) {
    parts.push(body.subarray(at, start), Buffer.from(text));
    at = end;
  }
  return Buffer.concat([...parts, body.subarray(at)]);
}
