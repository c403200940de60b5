/** Keys and values of the cache: a line of numbers, which its script compares, then the text. */
import { type Origin, originKeyOf } from '../core/event/event.ts';
import { epochMs } from '../core/time.ts';
import type { EntryName, ProfileEntry } from '../ports/profile-entries.ts';

/** In braces is what a cluster places by: entries of a user lie together, and one call reads them. */
export const cacheKeyOf = ({ tenant, user }: Origin, name: EntryName): string =>
  `{${originKeyOf({ tenant, userId: user })}}:${name}`;

export const entryToText = ({ since, version, ttl, at, stored }: ProfileEntry): string =>
  `${since} ${version} ${ttl} ${at}\n${stored}`;

const HEAD = /^(\d+) (\d+) (\d+) (\d+)\n/;

/** What is not of this form was written by no bundle that we know: as good as absent. */
export const textToEntry = (text: string): ProfileEntry | undefined => {
  const [head = '', ...numbers] = HEAD.exec(text) ?? [];
  const [since, version, ttl, at] = numbers.map(Number);
  const isWhole = numbers.every((digits) => Number.isSafeInteger(Number(digits)));
  if (since === undefined || version === undefined || ttl === undefined || at === undefined)
    return undefined;
  if (!isWhole) return undefined;
  const stored = text.slice(head.length);
  return { since: epochMs(since), version, ttl, at: epochMs(at), stored };
};
