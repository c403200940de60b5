export interface KeptKey {
  readonly key: string;
  readonly bytes: number;
}

export type KeptText =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'missing' }
  /** Larger than one object may be here: for `aws s3 cp` and a person. */
  | { readonly kind: 'too_large'; readonly bytes: number };

/** What is kept in the failed bucket, for people and for those who send it on. */
export interface FailedArchive {
  /** At most so many keys after `after`, in the bucket's order; says whether there are more. */
  readonly list: (ask: {
    readonly prefix: string;
    readonly after?: string;
    readonly keysMax: number;
  }) => Promise<{ readonly keys: readonly KeptKey[]; readonly more: boolean }>;
  readonly read: (key: string) => Promise<KeptText>;
  /** Notes beside it that the events of an object were sent on; a second note overwrites. */
  readonly noteSent: (key: string, note: string) => Promise<void>;
}
