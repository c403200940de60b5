import type {
  Level,
  LevelOperation,
  RangeOptions,
} from '../../localstack/services/dynamodb/dynalite.ts';

/** Where a key is in a sorted list, or would be. */
const placeOf = (keys: readonly string[], key: string): number => {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((keys[middle] ?? '') < key) low = middle + 1;
    else high = middle;
  }
  return low;
};

/** A LevelDB in memory: a batch is there at once and as a whole. */
export class MemoryLevel implements Level {
  readonly #values = new Map<string, unknown>();
  readonly #keys: string[] = [];

  readonly open = (): Promise<void> => Promise.resolve();
  readonly close = (): Promise<void> => Promise.resolve();
  readonly get = (key: string): Promise<unknown> => Promise.resolve(this.#values.get(key));

  readonly batch = (operations: readonly LevelOperation[]): Promise<void> => {
    for (const operation of operations) {
      const { key } = operation;
      const place = placeOf(this.#keys, key);
      const isThere = this.#keys[place] === key;
      if (operation.type === 'put') {
        if (!isThere) this.#keys.splice(place, 0, key);
        this.#values.set(key, operation.value);
      } else if (isThere) {
        this.#keys.splice(place, 1);
        this.#values.delete(key);
      }
    }
    return Promise.resolve();
  };

  readonly iterator = (range: RangeOptions) => ({
    all: (): Promise<[string, unknown][]> =>
      Promise.resolve(this.#in(range).map((key) => [key, this.#values.get(key)])),
  });

  readonly keys = (range: RangeOptions) => ({
    all: (): Promise<string[]> => Promise.resolve(this.#in(range)),
  });

  #in({ gt, gte, lt, lte, limit = this.#keys.length, reverse = false }: RangeOptions): string[] {
    const from = placeOf(this.#keys, gt ?? gte ?? '');
    const end = placeOf(this.#keys, lt ?? lte ?? '\uffff');
    const keys = this.#keys
      .slice(from, end + 1)
      .filter((key) => key !== gt && key !== lt && (lt ?? lte ?? key) >= key);
    return (reverse ? keys.reverse() : keys).slice(0, limit);
  }
}
