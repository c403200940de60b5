import fc from 'fast-check';
import { expect, test } from 'vitest';
import { answerPageViews } from '../../../functions/core/profile/answer.ts';
import {
  compileProfile,
  decodeFacets,
  encodeFacets,
  type Facets,
  foldFacets,
  noFacets,
} from '../../../functions/core/profile/facets.ts';
import { oracleProfile } from '../../../functions/core/profile/oracle.ts';
import { boundPageViews, pageOf } from '../../../functions/core/profile/page-views.ts';
import { encodeWindow } from '../../../functions/core/tags/window-tiles.ts';
import { epochMs, toRfc3339 } from '../../../functions/core/time.ts';
import { config } from '../../../tributary.config.ts';
import { counted, factOf, history, NOW, USER } from '../../support/counted-events.ts';

const definitions = compileProfile(config);
const rowsOf = (facets: Facets, from: number, to: number = NOW) =>
  answerPageViews(
    USER,
    { version: 1, facets, traits: {}, newestArrivedAt: NOW },
    { from: epochMs(from), to: epochMs(to) },
    NOW,
  );
const viewsAt = (...times: readonly number[]): Facets =>
  foldFacets(
    noFacets(definitions),
    times.map((at, index) => counted({ kind: 'page', at, arrivedAt: NOW }, index)),
    definitions,
  );

test('the rows of the last day are those of the oracle', () => {
  fc.assert(
    fc.property(history(NOW, 40), (events) => {
      const facets = decodeFacets(
        encodeFacets(foldFacets(noFacets(definitions), events, definitions)),
        definitions,
      );
      const { rows, partial } = rowsOf(facets, NOW - 86_400_000);
      expect(partial).toBe(false);
      expect(rows).toEqual(
        oracleProfile(events.map(factOf), NOW, config).pageViews.map(({ start, views }) => ({
          userId: USER,
          window_start: toRfc3339(start),
          window_end: toRfc3339(epochMs(start + 60_000)),
          page_view_count: views,
        })),
      );
    }),
  );
});

test('of 257 tiles the oldest goes, and rows from before it are partial', () => {
  const first = NOW - (NOW % 30_000) - 257 * 30_000;
  const facets = viewsAt(...Array.from({ length: 257 }, (_, i) => first + i * 30_000));
  expect(facets.pageViews.tiles.size).toBe(256);
  expect(rowsOf(facets, first + 29_999).partial).toBe(true);
  expect(rowsOf(facets, first + 30_000).partial).toBe(false);
});

test('a thousand views in each of 256 tiles: the oldest go until the bytes fit', () => {
  const newest = Math.floor(NOW / 30_000);
  const tiles = new Map(Array.from({ length: 256 }, (_, i) => [newest - i * 11, 1_000]));
  const bounded = boundPageViews({ tiles, floor: 0 }, NOW);
  expect(encodeWindow(bounded).length).toBeLessThanOrEqual(768);
  expect(bounded.tiles.size).toBeGreaterThan(150);
  expect(bounded.floor).toBe(Math.min(...bounded.tiles.keys()) - 10);
});

test('where an expired item was overwritten, rows from before are partial', () => {
  const lost = foldFacets(
    noFacets(definitions, epochMs(NOW - 1_000)),
    [counted({ kind: 'page', at: NOW })],
    definitions,
  );
  const read = decodeFacets(encodeFacets(lost), definitions);
  expect(rowsOf(read, NOW - 1_001).partial).toBe(true);
  expect(rowsOf(read, NOW - 1_000).partial).toBe(false);
});

test('a page is its path, else its label, name or address', () => {
  const page = { kind: 'page', name: 'Home', properties: {}, context: {} } as const;
  expect(pageOf({ ...page, kind: 'track' })).toBeUndefined();
  expect(pageOf(page)).toBe('Home');
  expect(pageOf({ ...page, context: { page: { name: 'label', url: 'https://x' } } })).toBe('label');
  expect(pageOf({ ...page, context: { page: { path: '/p', name: 'label' } } })).toBe('/p');
  expect(pageOf({ ...page, name: '', context: { page: ['odd'] }, properties: { url: 'u' } })).toBe(
    'u',
  );
});
