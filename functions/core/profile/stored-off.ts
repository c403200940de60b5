/** The item `off` without its keys: what the nightly job says of a user. */
export interface StoredOff {
  readonly runId: string;
  /** A UTC day's number: everything that arrived before it is counted. */
  readonly cut: number;
  /** Epoch seconds. */
  readonly ttl: number;
  /** Encoded. */
  readonly tags: string;
}
