const ZERO = 0x30;
const NINE = 0x39;
const DOT = 0x2e;

/**
 * Reads a Go duration (`6m0s`, `59.7ms`, `17h8m`), the form of OpenAI's and Groq's reset headers and of
 * the hints in their messages (https://pkg.go.dev/time#ParseDuration). Two of them stand in nearly every
 * answer, so it is read by hand: a regular expression took five times as long.
 *
 * @returns milliseconds; undefined where the text is no such duration
 */
export function parseGoDuration(text: string): number | undefined {
  const end = text.length;
  let totalMs = 0;
  let at = 0;
  while (at < end) {
    const numberStart = at;
    while (isDigit(text.charCodeAt(at))) at += 1;
    if (at === numberStart) return undefined;
    if (text.charCodeAt(at) === DOT) {
      const fractionStart = at + 1;
      at = fractionStart;
      while (isDigit(text.charCodeAt(at))) at += 1;
      if (at === fractionStart) return undefined;
    }
    const amount = Number(text.slice(numberStart, at));
    const unitStart = at;
    while (at < end && !isDigit(text.charCodeAt(at))) at += 1;
    const unitMs = unitOf(text.slice(unitStart, at));
    if (unitMs === undefined) return undefined;
    totalMs += amount * unitMs;
  }
  return end > 0 ? totalMs : undefined;
}

/** Past the end of a text `charCodeAt` is NaN, which is no digit. */
function isDigit(code: number): boolean {
  return code >= ZERO && code <= NINE;
}

function unitOf(unit: string): number | undefined {
  switch (unit) {
    case "h":
      return 3_600_000;
    case "m":
      return 60_000;
    case "s":
      return 1_000;
    case "ms":
      return 1;
    case "us":
    case "µs":
      return 1e-3;
    case "ns":
      return 1e-6;
    default:
      return undefined;
  }
}
