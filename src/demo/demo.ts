import { NO_LIMITS, type Config } from "../config/config.ts";
import { demoScenario } from "./scenario.ts";
import { Simulator } from "./simulator.ts";

/** The simulator with the demo's keys, and the configuration that points at it. */
export interface Demo {
  readonly config: Config;
  stop(): Promise<void>;
}

/** Long enough between the words of a stream that a person sees them come. */
const CHUNK_DELAY_MS = 60;
const LATENCY_MS = 150;

/** @param defaults  all of the configuration but its keys */
export function startDemo(defaults: Config): Demo {
  const { simulated, keys } = demoScenario();
  const simulator = Simulator.start({ keys: simulated, chunkDelayMs: CHUNK_DELAY_MS, latencyMs: LATENCY_MS });
  const config: Config = {
    ...defaults,
    keys: keys.map(({ name, secret, provider, models }) => ({
      name,
      secret,
      provider,
      models,
      url: simulator.url,
      account: undefined,
      priority: 0,
      weight: 1,
      limits: NO_LIMITS,
      headers: {},
      proxy: undefined,
    })),
  };
  return { config, stop: () => simulator.stop() };
}

/** What a newcomer may try, line by line. */
export function demoHints(url: string): string[] {
  const body = '{"model":"gpt-4o-mini","messages":[{"role":"user","content":"Hello"}]}';
  return [
    "Try it, a few times over: the large key takes the most, the small one its share, the revoked one is met once.",
    "",
    `  curl -i ${url}/v1/chat/completions -H 'content-type: application/json' \\`,
    `    -d '${body}'`,
    "",
    "See the keys while they serve, and what became of each request:",
    "  keycycle status --demo --watch",
    "  keycycle logs --demo --follow",
    "",
    "Base URLs for SDKs (any API key will do):",
    `  OpenAI     ${url}/v1    models gpt-4o, gpt-4o-mini, text-embedding-3-small`,
    `  Anthropic  ${url}       models claude-sonnet-5-5, claude-haiku-4-5`,
    `  Gemini     ${url}       models gemini-2.5-flash, gemini-2.5-pro, gemini-live-2.5-flash`,
    `  Realtime   ${url.replace("http", "ws")}/v1/realtime?model=gpt-realtime`,
  ];
}
