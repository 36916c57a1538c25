/** A request in an order of arrival. */
export interface Arrived {
  /** When it first came, epoch milliseconds. */
  readonly sinceMs: number;
  /** That it is likely to count against a limit. */
  readonly tokens: number;
}

/** Each client's requests in the order of their arrival; the clients in an order of their own. */
export class ByClient<Request extends Arrived> {
  // A Map remembers the order in which its keys were set.
  readonly #lists = new Map<string, Request[]>();
  #size = 0;
  #tokens = 0;

  get size(): number {
    return this.#size;
  }

  /** Of all requests together. */
  get tokens(): number {
    return this.#tokens;
  }

  clients(): Iterable<string> {
    return this.#lists.keys();
  }

  of(client: string): readonly Request[] {
    return this.#lists.get(client) ?? NONE;
  }

  push(client: string, request: Request): void {
    const list = this.#lists.get(client) ?? [];
    if (list.length === 0) this.#lists.set(client, list);
    list.splice(this.countUntil(client, request.sinceMs), 0, request);
    this.#size += 1;
    this.#tokens += request.tokens;
  }

  remove(client: string, request: Request): void {
    const list = this.#lists.get(client);
    const index = list?.indexOf(request) ?? -1;
    if (list === undefined || index < 0) return;
    list.splice(index, 1);
    this.#size -= 1;
    this.#tokens -= request.tokens;
    if (list.length === 0) this.#lists.delete(client);
  }

  /** Puts a client behind the others. */
  moveToEnd(client: string): void {
    const list = this.#lists.get(client);
    if (list === undefined) return;
    this.#lists.delete(client);
    this.#lists.set(client, list);
  }

  /** How many of a client's came until an instant, epoch milliseconds, and in it. */
  countUntil(client: string, sinceMs: number): number {
    const list = this.of(client);
    // From the end: nearly always all of them.
    let count = list.length;
    while (count > 0 && (list[count - 1]?.sinceMs ?? 0) > sinceMs) count -= 1;
    return count;
  }
}

const NONE: readonly never[] = [];
