// A value that is loaded, and loaded again: the last one stays while the next is on its way.

export class Query<T> {
  value = $state.raw<T>();
  error = $state.raw<unknown>();
  loading = $state(true);
  #latest = 0;

  /** Loads; of several at once, the one that began last counts. */
  async load(make: () => Promise<T>): Promise<void> {
    this.#latest += 1;
    const mine = this.#latest;
    this.loading = true;
    try {
      const value = await make();
      if (mine !== this.#latest) return;
      this.value = value;
      this.error = undefined;
    } catch (error) {
      if (mine === this.#latest) this.error = error;
    } finally {
      if (mine === this.#latest) this.loading = false;
    }
  }
}
