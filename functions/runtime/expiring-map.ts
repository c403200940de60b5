/** A bounded map whose entries expire; when full, the entry written longest ago goes. */
export class ExpiringMap<V> {
  readonly #entries = new Map<string, { readonly value: V; readonly untilMs: number }>();
  readonly #bounds: { readonly entriesMax: number; readonly ttlMs: number };

  constructor(bounds: { readonly entriesMax: number; readonly ttlMs: number }) {
    this.#bounds = bounds;
  }

  get(key: string, nowMs: number): { readonly value: V } | undefined {
    const entry = this.#entries.get(key);
    return entry !== undefined && nowMs < entry.untilMs ? entry : undefined;
  }

  set(key: string, value: V, nowMs: number): void {
    this.#entries.delete(key);
    this.#entries.set(key, { value, untilMs: nowMs + this.#bounds.ttlMs });
    if (this.#entries.size <= this.#bounds.entriesMax) return;
    const [oldest] = this.#entries.keys();
    if (oldest !== undefined) this.#entries.delete(oldest);
  }

  delete(key: string): void {
    this.#entries.delete(key);
  }

  get size(): number {
    return this.#entries.size;
  }
}
