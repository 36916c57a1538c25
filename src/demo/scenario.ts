import type { SimulatedKey } from "./keyring.ts";

/** A key of the demo as the proxy's configuration needs it. */
export interface DemoKey {
  readonly name: string;
  readonly secret: string;
  readonly provider: "openai" | "anthropic" | "gemini";
  readonly models: readonly string[];
}

export interface DemoScenario {
  /** For `Simulator.start`. */
  readonly simulated: readonly SimulatedKey[];
  /** For the proxy's configuration, in the same order. */
  readonly keys: readonly DemoKey[];
}

const OPENAI_MODELS = ["gpt-4o", "gpt-4o-mini", "gpt-realtime", "text-embedding-3-small"];

interface Row extends DemoKey {
  readonly simulated: Omit<SimulatedKey, "secret" | "models" | "apis">;
}

/**
 * What `serve --demo` shows: a small OpenAI key that is soon full and a large one that takes over, a
 * revoked one that costs nobody anything, and one key of each other provider. The secrets open nothing.
 */
const ROWS: readonly Row[] = [
  {
    name: "openai-small",
    secret: "sk-demo-openai-small-000000000000a1b2",
    provider: "openai",
    models: OPENAI_MODELS,
    simulated: { limits: { rpm: 3, tpm: 40_000 } },
  },
  {
    name: "openai-large",
    secret: "sk-demo-openai-large-000000000000c3d4",
    provider: "openai",
    models: OPENAI_MODELS,
    simulated: { limits: { rpm: 30, tpm: 200_000 } },
  },
  {
    name: "openai-revoked",
    secret: "sk-demo-openai-revoked-0000000000e5f6",
    provider: "openai",
    models: OPENAI_MODELS,
    simulated: { limits: { rpm: 10 }, fault: { kind: "dead" } },
  },
  {
    name: "claude",
    secret: "sk-ant-demo-claude-00000000000000b7c8",
    provider: "anthropic",
    models: ["claude-sonnet-5-5", "claude-sonnet-4-5", "claude-haiku-4-5"],
    simulated: { limits: { rpm: 20, tpm: 100_000 } },
  },
  {
    name: "gemini",
    secret: "AIzaSyDemo-gemini-0000000000000000d9e0",
    provider: "gemini",
    models: ["gemini-2.5-flash", "gemini-2.5-pro", "gemini-live-2.5-flash", "gemini-embedding-001"],
    simulated: { limits: { rpm: 10, rpd: 250 } },
  },
];

export function demoScenario(): DemoScenario {
  return {
    simulated: ROWS.map(({ secret, models, provider, simulated }) => ({
      ...simulated,
      secret,
      models,
      apis: [provider],
    })),
    keys: ROWS.map(({ name, secret, provider, models }) => ({ name, secret, provider, models })),
  };
}
