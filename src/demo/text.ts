/**
 * What the simulator says. It names the key by its last four characters, so that a newcomer sees the
 * rotation in the answers themselves, and nothing else of it.
 */
export function sentenceOf(secret: string): string {
  return `Hello from the simulator: key …${secret.slice(-4)} served this.`;
}

/**
 * Cuts a sentence into the deltas of a stream.
 *
 * @param count how many; one for each word by default. More than there are words repeats the sentence,
 *              fewer joins what is left in the last.
 */
export function deltasOf(sentence: string, count?: number): readonly string[] {
  const words = sentence.match(/\S+\s*/g) ?? [sentence];
  if (count === undefined || count === words.length) return words;
  if (count < words.length) {
    const kept = Math.max(1, count) - 1;
    return [...words.slice(0, kept), words.slice(kept).join("")];
  }
  return Array.from({ length: count }, (_, index) => {
    const word = words[index % words.length] ?? "";
    return index % words.length === words.length - 1 && index < count - 1 ? `${word} ` : word;
  });
}

/** The estimate that providers publish: four bytes a token. */
export function tokensIn(bytes: number): number {
  return Math.ceil(bytes / 4);
}

/** A vector of the asked length that only depends on the seed text; values in [-1, 1). */
export function vectorOf(text: string, dimensions: number): Float32Array {
  const vector = new Float32Array(dimensions);
  let state = Bun.hash.crc32(text) | 1;
  for (let index = 0; index < dimensions; index += 1) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    vector[index] = state / 2 ** 31;
  }
  return vector;
}

/** An id in the provider's form: prefix and 24 characters that never repeat. */
export function newId(prefix: string): string {
  return prefix + crypto.randomUUID().replaceAll("-", "").slice(0, 24);
}
