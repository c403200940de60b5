/** A stream of envelopes, one put call at a time. */
export interface StreamRecord {
  /** The origin key. */
  readonly partitionKey: string;
  /** Newline-delimited JSON that ends with a newline. */
  readonly data: string;
}

/** One outcome per record, in order; a failed one may be put again. Throws when the whole call failed. */
export interface EventStream {
  readonly put: (records: readonly StreamRecord[]) => Promise<readonly ('stored' | 'failed')[]>;
}
