const UNIT_MS: Readonly<Record<string, number>> = {
  h: 3_600_000,
  m: 60_000,
  s: 1_000,
  ms: 1,
  us: 1e-3,
  µs: 1e-3,
  ns: 1e-6,
};

/**
 * Reads a Go duration (`6m0s`, `59.7ms`, `17h8m`), the form of OpenAI's and Groq's reset headers and of
 * the hints in their messages (https://pkg.go.dev/time#ParseDuration).
 *
 * @returns milliseconds; undefined where the text is no such duration
 */
export function parseGoDuration(text: string): number | undefined {
  let totalMs = 0;
  let end = 0;
  for (const match of text.matchAll(/(\d+(?:\.\d+)?)(ms|us|µs|ns|h|m|s)/gy)) {
    const unitMs = UNIT_MS[match[2] ?? ""];
    if (unitMs === undefined) return undefined;
    totalMs += Number(match[1]) * unitMs;
    end = match.index + match[0].length;
  }
  return end > 0 && end === text.length ? totalMs : undefined;
}
