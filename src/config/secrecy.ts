/**
 * What may be shown of a config file. The rule is an allowlist: only the values of settings that are
 * known not to be secret are shown, and not even those where they look like a key that was put into the
 * wrong place.
 */

/** Beginnings of the keys that providers hand out. */
const KEY_PREFIX = /\b(?:sk|pk|rk|gsk|xai|fw|hf|tgp|csk|nvapi|pplx|ghp|kc)[-_]|AIza|\bAQ\.[A-Z]|\bBearer\s/i;

/** Whether a text looks like or holds a credential: by a known beginning, or a long word unlike a name. */
export function looksSecret(text: string): boolean {
  return KEY_PREFIX.test(text) || text.split(/[^A-Za-z0-9_.+-]+/).some(isRandomWord);
}

function isRandomWord(word: string): boolean {
  if (!/^[A-Za-z0-9_+-]{20,}$/.test(word) || !/\d/.test(word)) return false;
  return !/[-_]/.test(word) || (/[a-z]/.test(word) && /[A-Z]/.test(word));
}

/** Whether a URL carries what does not belong into a message: credentials, a query, a fragment. */
export function hidesInUrl(text: string): boolean {
  return /:\/\/[^/]*@|[?#]/.test(text);
}

/** Whether the value of a setting that is not secret by its kind may be shown. */
export function isShowable(text: string): boolean {
  return !looksSecret(text) && !hidesInUrl(text);
}

/** A field's name as messages may show it: an unknown one may be a key in the wrong place. */
export function showName(name: string): string {
  return /^[\w.$@<-]{1,40}$/.test(name) && !looksSecret(name) ? name : "…";
}

/** What was typed on the command line, as a message may repeat it: nothing in it can repaint a terminal. */
export function showTyped(text: string): string {
  return isShowable(text) && text.length <= 200 ? text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]/gu, "?") : "…";
}

/** The path of a file, as a message may show it: without those parts of it that may be a key in the wrong place. */
export function showPath(path: string): string {
  return path
    .split("/")
    .map((part) => (isShowable(part) ? part : "…"))
    .join("/");
}

/** What may be shown of a secret: its last four characters, of a short one nothing. */
export function maskOf(secret: string): string {
  return secret.length >= 16 ? `…${secret.slice(-4)}` : "…";
}

/** A value that is nothing but `${NAME}`: the name of a variable is no secret. */
export function isReference(sourceText: string): boolean {
  return /^(["']?)\$\{[A-Za-z_][A-Za-z0-9_]*\}\1$/.test(sourceText.trim());
}
