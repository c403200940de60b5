import { createHash, randomInt, timingSafeEqual } from 'node:crypto';
import type { KeyKind } from '../ports/key-store.ts';

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const SECRET_LENGTH = 32;
/** Longer than any key of ours: what is longer is not even hashed. */
export const KEY_CHARACTERS_MAX = 100;

/** `trb_<kind>_<32 base62>`: 190 bits, so a plain hash is enough to store it by. */
export const newKey = (kind: KeyKind): string =>
  `trb_${kind}_${Array.from({ length: SECRET_LENGTH }, () => ALPHABET[randomInt(ALPHABET.length)]).join('')}`;

/** Names a key in lists and events; tells nothing of the key. */
export const newKeyId = (): string =>
  Array.from({ length: 10 }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');

/** SHA-256 as 64 hex digits: the only form in which a key is stored. */
export const hashKey = (text: string): string => createHash('sha256').update(text).digest('hex');

export const sameHash = (left: string, right: string): boolean =>
  left.length === right.length && timingSafeEqual(Buffer.from(left), Buffer.from(right));

/** The partition key of a key's row in `records`; its sort key is `key`. */
export const keyRowOf = (hash: string): string => `key#${hash}`;
export const tenantRowOf = (tenant: string): string => `tenant#${tenant}`;
