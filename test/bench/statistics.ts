/** Nearest-rank percentile. @param fraction 0.5 for the median */
export function percentile(values: readonly number[], fraction: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(fraction * sorted.length) - 1)] ?? Number.NaN;
}

export function median(values: readonly number[]): number {
  const lower = percentile(values, 0.5);
  const upper = values.length % 2 === 1 ? lower : values.toSorted((a, b) => a - b)[values.length / 2]!;
  return (lower + upper) / 2;
}
