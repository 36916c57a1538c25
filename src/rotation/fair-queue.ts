/**
 * First come first served within a client, and one of each client in turn: a flood of one does not keep
 * another's single request waiting behind all of it.
 */
export class FairQueue<Item> {
  // A Map remembers the order in which its keys were set: the first client is the next.
  readonly #byClient = new Map<string, Item[]>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  push(client: string, item: Item): void {
    const items = this.#byClient.get(client);
    if (items === undefined) this.#byClient.set(client, [item]);
    else items.push(item);
    this.#size += 1;
  }

  /** Whose turn it is. */
  peek(): Item | undefined {
    for (const items of this.#byClient.values()) return items[0];
    return undefined;
  }

  /** Takes the one whose turn it is; its client goes to the end of the line. */
  shift(): Item | undefined {
    for (const [client, items] of this.#byClient) {
      const item = items.shift();
      this.#size -= 1;
      this.#byClient.delete(client);
      if (items.length > 0) this.#byClient.set(client, items);
      return item;
    }
    return undefined;
  }

  /** Gives up a place. */
  remove(client: string, item: Item): void {
    const items = this.#byClient.get(client);
    const index = items?.indexOf(item) ?? -1;
    if (items === undefined || index < 0) return;
    items.splice(index, 1);
    this.#size -= 1;
    if (items.length === 0) this.#byClient.delete(client);
  }
}
