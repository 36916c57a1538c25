/**
 * What affinity adds to the way of a request: to the one pass over its body, and to picking a key.
 * Run: bun test/bench/affinity-cost.ts
 */
import { AFFINITY_MODES } from "../../src/config/config.ts";
import { affinityOf, fieldsToNote } from "../../src/proxy/affinity-key.ts";
import { findModel } from "../../src/proxy/find-model.ts";
import { createRuntime } from "../../src/proxy/runtime.ts";
import { pick } from "../../src/rotation/pick.ts";
import { createPool } from "../../src/rotation/pool.ts";
import { headroom } from "../../src/rotation/strategies/headroom.ts";
import { configWith } from "../proxy/config-with.ts";
import { ask, benchKeys, MODEL, NOW } from "./bench-keys.ts";

const ROUNDS = 15;
const PATH = "/v1/chat/completions";

/** Nanoseconds of one call: the least of some rounds, as others use the machine too. */
function nsOf(call: () => void, calls: number): number {
  const rounds = Array.from({ length: ROUNDS }, () => {
    const startedNs = Bun.nanoseconds();
    for (let turn = 0; turn < calls; turn += 1) call();
    return (Bun.nanoseconds() - startedNs) / calls;
  });
  return Math.min(...rounds);
}

/** A conversation about code, in messages of some hundred bytes, tools in front. */
function chatOf(bytes: number): Buffer {
  const tools = Array.from({ length: bytes > 10_000 ? 20 : 2 }, (_, index) => ({
    type: "function",
    function: { name: `tool_${index}`, description: "Reads a file.", parameters: { type: "object" } },
  }));
  const messages = [{ role: "system", content: "You help with code. ".repeat(bytes / 80) }];
  const text = 'if (found) {\n\treturn "so";\n}\n';
  while (JSON.stringify(messages).length < bytes)
    messages.push({ role: messages.length % 2 === 0 ? "assistant" : "user", content: text.repeat(12) });
  return Buffer.from(JSON.stringify({ model: MODEL, tools, messages, max_tokens: 500, stream: true }));
}

const headers = new Headers({ "content-type": "application/json" });
const request = new Request(`http://localhost${PATH}`, { headers });

for (const bytes of [2_000, 20_000, 200_000]) {
  const body = chatOf(bytes);
  const cells = AFFINITY_MODES.map((affinity) => {
    const config = configWith({});
    const runtime = createRuntime({ ...config, rotation: { ...config.rotation, affinity } });
    const once = () => {
      const noted = fieldsToNote(affinity, body);
      const contentType = "application/json";
      const found = findModel({
        api: "openai",
        method: "POST",
        path: PATH,
        query: "",
        contentType,
        body,
        noted,
      });
      if (found.kind !== "found") throw new Error(found.message);
      affinityOf({ runtime, request, path: PATH, client: "", size: found.size }, body, found.scan);
    };
    nsOf(once, 2_000);
    return `${affinity} ${nsOf(once, bytes > 100_000 ? 2_000 : 20_000).toFixed(0)} ns`;
  });
  console.log(`reading ${body.length} bytes: ${cells.join(", ")}`);
}

for (const count of [8, 100, 10_000]) {
  const pool = createPool(MODEL, benchKeys(count));
  const plain = () => pick(pool, headroom, ask, NOW, Math.random);
  let hash = 0;
  const affine = () => {
    hash = (hash + 0x9e3779b9) >>> 0;
    pick(pool, headroom, { ...ask, affinity: { hash, home: undefined } }, NOW, Math.random);
  };
  for (const call of [plain, affine]) nsOf(call, 5_000);
  const [without, with_] = [plain, affine].map((call) => nsOf(call, 20_000).toFixed(0));
  console.log(`a pick among ${count} keys: ${without} ns by headroom, ${with_} ns by affinity`);
}
