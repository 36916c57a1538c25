import { parseArgs } from "node:util";

import { converse, type Heard, type Rotator, type Talk } from "./conversations.ts";
import { buildKeycycle } from "./targets.ts";

/*
 * How much of what clients send the providers' prompt caches know: `bun test/bench/affinity.ts`.
 *
 * The compiled binary in front of eight keys of the strict simulator, each an account with a cache of its
 * own, at half of what the keys may serve together; beside it one key with the limits of all eight, which
 * is the most that there is to get. Nothing is asserted: figures are for people.
 */
const { values: options } = parseArgs({
  options: { load: { type: "string", default: "0.5" }, requests: { type: "string", default: "1200" } },
});

const TALKS: readonly (Talk & { readonly name: string })[] = [
  {
    name: "two questions about a text of one's own (8 kB)",
    conversations: 48,
    turns: 2,
    systemBytes: 0,
    firstBytes: 8_000,
    nextBytes: 200,
  },
  {
    name: "ten questions (1 kB each) to an application (four with 6 kB of system prompt each)",
    conversations: 48,
    turns: 10,
    systemBytes: 6_000,
    firstBytes: 2_000,
    nextBytes: 1_000,
  },
];

const ROTATORS: readonly (Rotator & { readonly name: string })[] = [
  { name: "one key", keys: 1, rotation: { strategy: "headroom", affinity: "none" } },
  { name: "affinity: prompt-cache", keys: 8, rotation: { strategy: "headroom", affinity: "prompt-cache" } },
  { name: "affinity: none, headroom", keys: 8, rotation: { strategy: "headroom", affinity: "none" } },
  { name: "affinity: none, round-robin", keys: 8, rotation: { strategy: "round-robin", affinity: "none" } },
];

const shareOf = ({ cachedTokens, promptTokens }: Heard): number => cachedTokens / promptTokens;
const percent = (part: number): string => `${(100 * part).toFixed(1)} %`;

const failure = buildKeycycle();
if (failure !== undefined) throw new Error(failure);
for (const talk of TALKS) {
  console.log(`\n${talk.name}, at a load of ${options.load}`);
  let most: number | undefined;
  for (const rotator of ROTATORS) {
    const heard = await converse(talk, rotator, Number(options.load), Number(options.requests));
    most ??= shareOf(heard);
    const columns = [
      rotator.name.padEnd(30),
      `cached ${percent(shareOf(heard)).padStart(7)}`,
      `of one key's ${percent(shareOf(heard) / most).padStart(7)}`,
      `failed ${heard.failed}`,
      `refused attempts ${heard.refused}`,
    ];
    console.log(`  ${columns.join("   ")}`);
  }
}
