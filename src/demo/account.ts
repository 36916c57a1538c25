import { PromptCache } from "./prompt-cache.ts";

type Json = Readonly<Record<string, unknown>>;

/** A thing that lives in an account: what is told of it, and its content where it has some. */
export interface Thing {
  readonly json: Json;
  readonly content?: Uint8Array;
}

/** A simulator may run for long. */
const MAX_OF_A_KIND = 20_000;

/** What one account at a provider holds; nobody else sees any of it. */
export class Account {
  readonly promptCache = new PromptCache();
  readonly #kinds = new Map<string, Map<string, Thing>>();
  readonly #known = new Set<string>();

  /** @param kind  such as `files`, or `threads/thread_1/messages` */
  put(kind: string, id: string, thing: Thing): void {
    const things = this.#kinds.get(kind) ?? new Map<string, Thing>();
    this.#kinds.set(kind, things);
    things.set(id, thing);
    this.#known.add(id);
    const [oldest] = things.keys();
    if (things.size > MAX_OF_A_KIND && oldest !== undefined) this.remove(kind, oldest);
  }

  get(kind: string, id: string): Thing | undefined {
    return this.#kinds.get(kind)?.get(id);
  }

  /** In the order in which they were made. */
  list(kind: string): Thing[] {
    return [...(this.#kinds.get(kind)?.values() ?? [])];
  }

  remove(kind: string, id: string): void {
    this.#kinds.get(kind)?.delete(id);
    // A file that a store has let go of is still there.
    if (![...this.#kinds.values()].some((things) => things.has(id))) this.#known.delete(id);
  }

  /** Of any kind: what may be named in a request, or only noted by `note`. */
  has(id: string): boolean {
    return this.#known.has(id);
  }

  /** Takes an id for one of its own, without a thing behind it. */
  note(id: string): void {
    this.#known.add(id);
  }
}

/** The strings under any of these names in a JSON value, at any depth, also in arrays and as `{id}`. */
export function namedIn(value: unknown, names: ReadonlySet<string>): string[] {
  if (Array.isArray(value)) return value.flatMap((item) => namedIn(item, names));
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, member]: [string, unknown]) => {
    const within = namedIn(member, names);
    return names.has(name) ? idsOf(member).concat(within) : within;
  });
}

function idsOf(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (Array.isArray(value)) return value.filter((item) => typeof item === "string");
  return typeof value === "object" && value !== null && "id" in value && typeof value.id === "string"
    ? [value.id]
    : [];
}
