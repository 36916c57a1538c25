import { describe, expect, test } from "bun:test";

import { Simulator } from "../../src/demo/simulator.ts";

const SCHEMA = {
  type: "object",
  properties: {
    place: { type: "string" },
    unit: { type: "string", enum: ["celsius", "kelvin"] },
    days: { type: "INTEGER" },
    tags: { type: "array", items: { type: "boolean" } },
  },
};
const TOOLS = ["get_time", "get_weather"].map((name) => ({
  type: "function",
  function: { name, parameters: SCHEMA },
}));
const ARGUMENTS = { place: "simulated", unit: "celsius", days: 1, tags: [true] };

interface Chat {
  readonly choices: readonly {
    readonly finish_reason: string;
    readonly message: {
      readonly content: string | null;
      readonly tool_calls?: readonly {
        readonly function: { readonly name: string; readonly arguments: string };
      }[];
    };
  }[];
}

/** Names of the tools that a chat's answer calls, and their arguments. */
async function called(messages: readonly object[], toolChoice?: unknown) {
  const simulator = Simulator.start({ keys: [{ secret: "sk" }] });
  try {
    const response = await fetch(`${simulator.url}/v1/chat/completions`, {
      method: "POST",
      headers: { authorization: "Bearer sk" },
      body: JSON.stringify({ model: "gpt-4o", messages, tools: TOOLS, tool_choice: toolChoice }),
    });
    const [choice] = ((await response.json()) as Chat).choices;
    const calls = choice?.message.tool_calls ?? [];
    expect(choice?.finish_reason).toBe(calls.length > 0 ? "tool_calls" : "stop");
    return calls.map(({ function: { name, arguments: text } }): [string, unknown] => [
      name,
      JSON.parse(text),
    ]);
  } finally {
    await simulator.stop();
  }
}

const user = (content: string) => ({ role: "user", content });

describe("the simulator calls a tool", () => {
  test("that the last message names, with arguments of its schema", async () => {
    expect(await called([user("Use get_weather")])).toEqual([["get_weather", ARGUMENTS]]);
  });

  test("that it is told to", async () => {
    const choice = { type: "function", function: { name: "get_weather" } };
    expect(await called([user("Hi")], choice)).toEqual([["get_weather", ARGUMENTS]]);
    expect(await called([user("Hi")], "required")).toEqual([["get_time", ARGUMENTS]]);
  });

  test("not where nobody speaks of it, where it may not, or behind its result", async () => {
    expect(await called([user("Hi")])).toEqual([]);
    expect(await called([user("Use get_weather")], "none")).toEqual([]);
    const result = { role: "tool", tool_call_id: "call_1", content: "get_weather says rain" };
    expect(await called([user("Use get_weather"), result])).toEqual([]);
  });
});
