/** MovieLens (ml-latest-small of 2016) as the R package dslabs has it: ratings with their time. */
import { gunzipSync, inflateSync } from 'node:zlib';
import { epochMs, seconds } from '../../functions/core/time.ts';
import { type Act, type DataSet, itemsOf } from '../act.ts';
import { memberOf, numbersIn, type RValue, readR } from './r-data.ts';

/** A rating that speaks for the film; a lower one says nothing here. */
export const LIKED_MIN = 4;
const VALIDATION_SHARE = 0.4;
const TEST_SHARE = 0.5;
/** Length of the chunk once it is unpacked. */
const CHUNK_HEAD = 4;

/** The one object of a package's `Rdata.rdb` that has this name, by its index `Rdata.rdx`. */
export const packagedObject = (index: Buffer, base: Buffer, name: string): RValue => {
  const [at = 0, length = 0] = numbersIn(
    memberOf(memberOf(readR(gunzipSync(index)), 'variables'), name),
  );
  return readR(inflateSync(base.subarray(at + CHUNK_HEAD, at + length)));
};

export const movielens = (index: Buffer, base: Buffer): DataSet => {
  const frame = packagedObject(index, base, 'movielens');
  const column = (name: string): readonly number[] => numbersIn(memberOf(frame, name));
  const [users, films, ratings] = [column('userId'), column('movieId'), column('rating')];
  const rated = column('timestamp')
    .map((at, row) => ({ at: epochMs(seconds(at)), row }))
    .sort((left, right) => left.at - right.at || left.row - right.row);
  const atShare = (share: number) =>
    rated[Math.floor(rated.length * share)]?.at ?? epochMs(Number.POSITIVE_INFINITY);
  const acts: readonly Act[] = rated
    .filter(({ row }) => (ratings[row] ?? 0) >= LIKED_MIN)
    .map(({ at, row }) => ({
      user: String(users[row]),
      at,
      event: 'Product Clicked',
      items: [String(films[row])],
    }));
  const testFrom = atShare(TEST_SHARE);
  return {
    name: 'MovieLens',
    source: 'MovieLens ml-latest-small 2016 from Debian’s r-cran-dslabs, no commercial use',
    preset: 'taste',
    acts,
    items: itemsOf(acts),
    validation: { from: atShare(VALIDATION_SHARE), to: testFrom },
    test: { from: testFrom, to: epochMs((acts.at(-1)?.at ?? testFrom) + 1) },
    knownOnly: true,
    targets: [{ name: 'next film rated 4 or more', newOnly: true }],
    outlivesLists: true,
  };
};
