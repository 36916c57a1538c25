/** Counts the bytes of request bodies that are held, of all requests together, against a bound. */
export class HeldBytes {
  #bytes = 0;

  /** @returns false where that would be more than `limit`: then nothing is counted */
  take(bytes: number, limit: number): boolean {
    if (this.#bytes + bytes > limit) return false;
    this.#bytes += bytes;
    return true;
  }

  give(bytes: number): void {
    this.#bytes -= bytes;
  }
}
