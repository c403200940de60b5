export const KEY_KINDS = ['write', 'client', 'server', 'operator'] as const;
export type KeyKind = (typeof KEY_KINDS)[number];

export interface StoredKey {
  readonly tenant: string;
  readonly kind: KeyKind;
  readonly id: string;
  readonly createdAt: string;
  readonly revokedAt?: string;
  /** The local demo key: its limits are twenty times as wide. */
  readonly demo?: boolean;
}

/** API keys by the SHA-256 of their text, and the flags of a tenant. */
export interface KeyStore {
  readonly find: (hash: string) => Promise<StoredKey | undefined>;
  /** The tenant may invent events for an empty body (002's routes). */
  readonly simulates: (tenant: string) => Promise<boolean>;
}
