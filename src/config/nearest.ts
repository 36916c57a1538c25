/**
 * The name that was most likely meant: the one in fewest edits, if these are few for its length, so that
 * no guess is made where nothing is near. Case, `-` and `_` do not count (`max_body` means `maxBody`).
 */
export function nearest(written: string, names: Iterable<string>): string | undefined {
  const folded = fold(written);
  let best: string | undefined;
  let bestDistance = Infinity;
  for (const name of names) {
    const distance = editDistance(folded, fold(name));
    const allowed = Math.max(1, Math.floor(Math.max(folded.length, name.length) / 3));
    if (distance <= allowed && distance < bestDistance && distance < folded.length) {
      best = name;
      bestDistance = distance;
    }
  }
  return best;
}

function fold(name: string): string {
  return name.toLowerCase().replaceAll(/[-_]/g, "");
}

/**
 * Damerau-Levenshtein distance in its optimal string alignment form: insertions, deletions,
 * substitutions and swaps of neighbours count one each.
 */
export function editDistance(a: string, b: string): number {
  const from = Array.from(a);
  const to = Array.from(b);
  let beforeLast: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (const [i, character] of from.entries()) {
    const row = [i + 1];
    for (const [j, other] of to.entries()) {
      const substituted = (last[j] ?? 0) + (character === other ? 0 : 1);
      let distance = Math.min(substituted, (last[j + 1] ?? 0) + 1, (row[j] ?? 0) + 1);
      if (i > 0 && j > 0 && character === to[j - 1] && from[i - 1] === other) {
        distance = Math.min(distance, (beforeLast[j - 1] ?? 0) + 1);
      }
      row.push(distance);
    }
    beforeLast = last;
    last = row;
  }
  return last[to.length] ?? 0;
}
