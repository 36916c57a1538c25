import type { Stage } from "./harness.ts";

/** Whose secrets the simulator met since a count of requests, and what it answered. */
export function since({ simulator }: Stage, count: number): string[] {
  return simulator.requests.slice(count).map(({ secret, status }) => `${secret?.at(-1)}: ${status}`);
}

/** A chat about files. */
export function naming(...ids: string[]): object {
  return {
    model: "gpt-4o",
    messages: [{ role: "user", content: ids.map((file_id) => ({ type: "file", file: { file_id } })) }],
  };
}

/** Of an error in OpenAI's form. */
export async function messageOf(answer: Response): Promise<string> {
  const { error } = (await answer.json()) as { error: { message: string } };
  return error.message;
}

export async function get(
  { proxy }: Stage,
  path: string,
  headers: Record<string, string> = {},
): Promise<Response> {
  return await fetch(proxy.url + path, { headers });
}
