/** Acts on one thing one after the other, each told what the one before it made of it; things of different names do not wait for each other. */
export class Turns<T> {
  #last = new Map<string, Promise<T | null>>();

  /** Acts when its turn comes. `own` is what an act still under way when this one was asked for made; null when there was none, or it failed. */
  async take(name: string, act: (own: T | null) => Promise<T | null>): Promise<T | null> {
    const before = this.#last.get(name) ?? Promise.resolve(null);
    const turn = before.catch(() => null).then(act);
    this.#last.set(name, turn);
    try {
      return await turn;
    } finally {
      if (this.#last.get(name) === turn) this.#last.delete(name);
    }
  }
}
