import { Kind, type TSchema } from "@sinclair/typebox";
import { parseBaseUrl, parseHostName, parseOrigin, parseProxyUrl } from "./base-url.ts";
import { nearest } from "./nearest.ts";
import { parseState } from "./state-place.ts";
import { parseCount, parseDuration, parseSize, type Parsed } from "./units.ts";

/** A single value as it stands in the file, variables filled in. */
export interface Written {
  readonly value: string | number | boolean;
  /** It came from the environment: text may stand for a number or for true and false. */
  readonly filledIn: boolean;
}

type Scalar = string | number | boolean;
type Decoder = (written: Written, schema: TSchema) => Parsed<Scalar>;

/**
 * Turns one value into what its setting means, or says in plain words what it must be. By the kind of
 * the setting's schema.
 */
export function decodeScalar(written: Written, schema: TSchema): Parsed<Scalar> {
  const decoder = DECODERS.get(schema[Kind]);
  if (decoder === undefined) throw new Error(`no decoder for settings of kind ${schema[Kind]}`);
  return decoder(written, schema);
}

const DECODERS = new Map<string, Decoder>([
  ["Integer", decodeNumber],
  ["Number", decodeNumber],
  ["Boolean", decodeBoolean],
  [
    "Duration",
    (written, schema) => atLeast(schema["least"], quantity(written, durationOf(schema)), "more than 0s"),
  ],
  ["Count", (written, schema) => atLeast(schema["least"], quantity(written, parseCount), "1 or more")],
  ["Size", (written, schema) => atLeast(schema["least"], quantity(written, parseSize), "1 byte or more")],
  ["Choice", decodeChoice],
  ["String", (written) => textual(written, nonEmpty)],
  ["Name", (written) => textual(written, parseName)],
  ["Secret", (written) => textual(written, parseSecret)],
  ["BaseUrl", (written) => textual(written, parseBaseUrl)],
  ["HeaderValue", (written) => textual(written, parseHeaderValue)],
  ["ProxyUrl", (written) => textual(written, parseProxyUrl)],
  ["Origin", (written) => textual(written, parseOrigin)],
  ["HostName", (written) => textual(written, parseHostName)],
  ["State", (written) => textual(written, parseState)],
]);

function decodeNumber(written: Written, schema: TSchema): Parsed<number> {
  const { value, filledIn } = written;
  const looksNumeric = typeof value === "string" && /^\s*-?\d+(?:\.\d+)?\s*$/.test(value);
  const number = typeof value === "number" || (filledIn && looksNumeric) ? Number(value) : Number.NaN;
  const { minimum, exclusiveMinimum, maximum } = schema;
  const fits =
    number >= (minimum ?? -Infinity) && number > (exclusiveMinimum ?? -Infinity) && number <= maximum;
  const whole = schema[Kind] === "Integer";
  if (fits && (!whole || Number.isInteger(number))) return { ok: true, value: number };
  const range = minimum === undefined ? `above ${exclusiveMinimum}` : `from ${minimum} to ${maximum}`;
  const problem = `must be a ${whole ? "whole " : ""}number ${range}`;
  return looksNumeric ? { ok: false, problem, instead: `${value} without quotes` } : { ok: false, problem };
}

function decodeBoolean({ value, filledIn }: Written): Parsed<boolean> {
  if (typeof value === "boolean") return { ok: true, value };
  const word = String(value).trim().toLowerCase();
  if (filledIn && (word === "true" || word === "false")) return { ok: true, value: word === "true" };
  const meant = MEANT_BOOLEANS.get(word);
  const problem = "must be true or false";
  return meant === undefined ? { ok: false, problem } : { ok: false, problem, instead: meant };
}

/** YAML 1.1's words for booleans, which are text in 1.2. */
const MEANT_BOOLEANS = new Map([
  ["true", "true"],
  ["yes", "true"],
  ["on", "true"],
  ["1", "true"],
  ["false", "false"],
  ["no", "false"],
  ["off", "false"],
  ["0", "false"],
]);

/** A unit is suggested as the setting's default has one. */
function durationOf({ default: standIn }: TSchema): (written: string | number) => Parsed<number> {
  const [unit] = /[a-z]+$/.exec(String(standIn)) ?? [];
  return (written) => parseDuration(written, unit);
}

function quantity({ value }: Written, parse: (written: string | number) => Parsed<number>): Parsed<number> {
  return parse(typeof value === "boolean" ? "" : value);
}

function atLeast(least: unknown, parsed: Parsed<number>, words: string): Parsed<number> {
  const tooSmall = parsed.ok && typeof least === "number" && parsed.value < least;
  return tooSmall ? { ok: false, problem: `must be ${words}` } : parsed;
}

function decodeChoice({ value }: Written, schema: TSchema): Parsed<string> {
  const names: readonly string[] = schema["enum"];
  if (typeof value === "string" && names.includes(value)) return { ok: true, value };
  const meant = nearest(String(value), names);
  const problem = `must be one of ${names.join(", ")}`;
  return meant === undefined ? { ok: false, problem } : { ok: false, problem, meant };
}

function textual({ value }: Written, parse: (text: string) => Parsed<string>): Parsed<string> {
  if (typeof value !== "string") return { ok: false, problem: "must be text", instead: "put it in quotes" };
  const text = value.trim();
  return text === "" ? { ok: false, problem: "is empty" } : parse(text);
}

function nonEmpty(text: string): Parsed<string> {
  return { ok: true, value: text };
}

/**
 * Names of keys, clients and models go into logs, tables and headers (`headerText`), where a character that
 * is not seen deceives; those that join letters and pictures belong to them.
 */
export function parseName(text: string): Parsed<string> {
  if (text.length > 200)
    return { ok: false, problem: "must be at most 200 characters long", instead: "a shorter name" };
  const unseen = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u.exec(text.replaceAll(JOINERS, ""))?.[0].codePointAt(0);
  if (unseen === undefined) return { ok: true, value: text };
  const code = unseen.toString(16).toUpperCase().padStart(4, "0");
  return {
    ok: false,
    problem: `holds a character that cannot be seen, U+${code}`,
    instead: "the name without it",
  };
}

/** The zero-width joiner and non-joiner. */
const JOINERS = /[\u200C\u200D]/g;

/** What goes into a credential header: RFC 9110 §5.5's visible characters; white space within is a slip. */
export function parseSecret(text: string): Parsed<string> {
  if (/^Bearer(?:\s+\S+)?$/i.test(text)) {
    return {
      ok: false,
      problem: "begins with a word that is no part of a key",
      instead: 'leave out "Bearer"',
    };
  }
  if (/\s/.test(text)) {
    return {
      ok: false,
      problem: "holds white space, so it is not one key",
      instead: "for several keys use keys:",
    };
  }
  if (/^[\x21-\x7e]+$/.test(text)) return { ok: true, value: text };
  return {
    ok: false,
    problem: "holds a character that no key has, such as a typographic quote or an ellipsis",
    instead: "the key as its provider shows it, in plain quotes or none",
  };
}

/** RFC 9110 §5.5 without the obsolete bytes above 127. */
function parseHeaderValue(text: string): Parsed<string> {
  if (/^[\t\x20-\x7e]+$/.test(text)) return { ok: true, value: text };
  return {
    ok: false,
    problem: "holds a character that cannot be in an HTTP header",
    instead: "letters, digits and signs of ASCII, on one line",
  };
}
