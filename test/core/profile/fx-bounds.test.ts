import fc from 'fast-check';
import { expect, test } from 'vitest';
import { utf8Bytes } from '../../../functions/core/event/utf8.ts';
import { absorb } from '../../../functions/core/profile/absorb.ts';
import { encodeFx, FX_BYTES_MAX, type Fx } from '../../../functions/core/profile/fx.ts';
import { epochMs, toRfc3339 } from '../../../functions/core/time.ts';
import { at, counted } from '../../support/counted-events.ts';
import {
  absorbAll,
  CONTEXT,
  envelopesOf,
  NOW,
  positionOf,
  requestOf,
  sentEvent,
  sentEvents,
  totalsOf,
} from '../../support/enriched-lines.ts';

const noDifferences = { sessions: [], lateForSessions: 0 };
const bytesOf = (fx: Fx): number => utf8Bytes(JSON.stringify(fx));
const HOUR = 3_600_000;

test('events come in the order of the minutes in which they arrived', () => {
  const minute = (text: string) => at(`2026-11-21T09:${text}.000Z`);
  const [late, early] = [minute('41:00'), minute('40:59')];
  const events = [
    counted({ at: 3, arrivedAt: late }),
    counted({ at: 1, arrivedAt: early }),
    counted({ at: 2, arrivedAt: early }),
  ];
  const minutes = [early, late].map((time, n) => ({
    minute: Math.floor(time / 60_000),
    applied: 2 - n,
    duplicate: 0,
    parked: 0,
  }));
  const fx: Fx = JSON.parse(encodeFx({ minutes, events, before: [], differences: noDifferences }));
  expect(fx.events.map(([time]) => time)).toEqual([1, 2, 3]);
});

test('over 16 KB the last events lose their strings, exactly as many as are counted in cut', () => {
  const { fx } = absorbAll(
    undefined,
    envelopesOf([
      requestOf(
        sentEvents(60, 'long').map((event, n) => ({
          ...event,
          properties: {
            campaign_id: `${n}-${'c'.repeat(120)}`,
            product_id: `${n}-${'é'.repeat(60)}`,
            category: `${n}-${'k'.repeat(110)}`,
          },
        })),
      ),
    ]),
  );
  const cut = fx.filter((each) => each.cut > 0);
  expect(cut.length).toBeGreaterThan(0);
  for (const each of fx) {
    expect(bytesOf(each)).toBeLessThanOrEqual(FX_BYTES_MAX);
    const bare = each.events.filter(([, name]) => name === -1).length;
    expect(bare).toBe(each.cut);
    expect(each.events.slice(0, each.events.length - each.cut).every(([, name]) => name >= 0)).toBe(
      true,
    );
  }
});

test('one more event with its strings would not have fitted', () => {
  const events = Array.from({ length: 64 }, (_, n) =>
    counted(
      { at: NOW, name: `${n}-${'n'.repeat(110)}`, categories: [`${n}-${'c'.repeat(120)}`] },
      n,
    ),
  );
  const parts = { minutes: [], before: [], differences: noDifferences };
  const fx: Fx = JSON.parse(encodeFx({ ...parts, events }));
  expect(fx.cut).toBeGreaterThan(0);
  expect(bytesOf(fx)).toBeGreaterThan(FX_BYTES_MAX - 300);
});

test('a text of 200 characters is clipped to 128 and never through a pair', () => {
  const name = `${'x'.repeat(127)}😀`;
  const fx: Fx = JSON.parse(
    encodeFx({
      minutes: [],
      events: [counted({ at: NOW, name })],
      before: [],
      differences: noDifferences,
    }),
  );
  expect(fx.strings[0]).toBe(`${'x'.repeat(127)}�`);
});

/** A history told at once: a session and a page of its own per event, as an import sends it. */
const importOf = (path: (n: number) => string, count = 64) =>
  Array.from({ length: count }, (_, n) =>
    sentEvent(`import-${n}`, {
      event: null,
      type: 'page',
      timestamp: toRfc3339(epochMs(NOW - (count - n) * 26 * HOUR)),
      properties: { path: path(n) },
    }),
  );

test('64 sessions of long pages in one write fit into 16 KB, and all count', () => {
  const hostile = [
    (n: number) => `/${n}/${'p'.repeat(44)}`,
    (n: number) => `/${n}/${'"'.repeat(44)}`,
    (n: number) => `/${n}/${'\u0001'.repeat(44)}`,
  ];
  for (const path of hostile) {
    const { fx, verdicts } = absorbAll(undefined, envelopesOf([requestOf(importOf(path))]));
    expect(verdicts.filter(({ kind }) => kind === 'parked')).toEqual([]);
    expect(totalsOf(fx)).toEqual({ applied: 64, duplicate: 0, parked: 0 });
    for (const each of fx) {
      expect(bytesOf(each)).toBeLessThanOrEqual(FX_BYTES_MAX);
      const bare = each.sessions.filter(({ entries }) => Object.keys(entries).length === 0);
      expect(bare.length).toBe(each.pagesCut);
    }
    expect(fx.some(({ pagesCut }) => pagesCut > 0)).toBe(true);
    const sessions = fx.flatMap((each) => each.sessions);
    expect(sessions.reduce((sum, day) => sum + day.sessions, 0)).toBe(64);
  }
});

test('a thousand copies in as many minutes are written and counted, minute by minute', () => {
  const [cut] = requestOf([sentEvent('again')]);
  if (cut === undefined) throw new Error('an event makes an envelope');
  const envelopes = Array.from({ length: 1_000 }, (_, n) =>
    envelopesOf([[cut]], { from: n, arrivedAtMs: NOW - (1_000 - n) * 60_000 }),
  ).flat();
  const { fx, verdicts } = absorbAll(undefined, envelopes);
  expect(verdicts.filter(({ kind }) => kind === 'parked')).toEqual([]);
  expect(totalsOf(fx)).toEqual({ applied: 1, duplicate: 999, parked: 0 });
  for (const each of fx) expect(bytesOf(each)).toBeLessThanOrEqual(FX_BYTES_MAX);
});

test('whatever a write says, it fits into 16 KB', () => {
  const nasty = fc.constantFrom('p', '"', '\u0001', 'é', '😀', '\\');
  fc.assert(
    fc.property(
      fc.array(
        fc.tuple(
          nasty,
          fc.integer({ min: 0, max: 200 }),
          fc.integer({ min: 0, max: 90 }),
          fc.boolean(),
        ),
        {
          minLength: 1,
          maxLength: 64,
        },
      ),
      (told) => {
        const sent = told.map(([text, length, hours, isPage], n) =>
          sentEvent(`e-${n}`, {
            ...(isPage ? { event: null, type: 'page' } : {}),
            timestamp: toRfc3339(epochMs(NOW - hours * HOUR)),
            properties: {
              path: `/${n}/${text.repeat(length)}`,
              product_id: `${n}${text.repeat(length)}`,
              campaign_id: `${n}${text.repeat(length)}`,
              category: `${n}${text.repeat(length)}`,
            },
          }),
        );
        const { fx, verdicts } = absorbAll(
          undefined,
          envelopesOf([requestOf(sent)], { arrivedAtMs: NOW }),
        );
        expect(verdicts.every(({ kind }) => kind === 'applied')).toBe(true);
        for (const each of fx) expect(bytesOf(each)).toBeLessThanOrEqual(FX_BYTES_MAX);
      },
    ),
    { numRuns: 40 },
  );
});

test('a step that writes nothing takes all envelopes that it was given', () => {
  const envelopes = envelopesOf([requestOf(sentEvents(3))]);
  const { profile } = absorbAll(undefined, envelopes);
  expect(absorb(profile, envelopes, CONTEXT)).toEqual({ taken: 1, verdicts: [] });
  expect(positionOf(0).shard).toBe('shardId-000000000000');
});

test('every part at its most at once still fits into 16 KB', () => {
  const items = sentEvents(20, 'seen').map((event, n) => ({
    ...event,
    properties: { product_id: `${n}-${'"'.repeat(20)}` },
  }));
  const before = absorbAll(undefined, envelopesOf([requestOf(items)]));
  const cuts = importOf((n) => `/${n}/${'\u0001'.repeat(44)}`).map((page, n) =>
    n % 2 === 0
      ? [page]
      : [
          {
            ...page,
            event: 'Order Completed',
            type: 'track',
            properties: {
              order_id: `o${n}`,
              revenue: '999999999.999999',
              product_id: 'x'.repeat(120),
            },
          },
        ],
  );
  const envelopes = cuts.flatMap((sent, n) =>
    envelopesOf([requestOf(sent)], {
      from: 100 + n,
      arrivedAtMs: NOW + Math.floor(n / 2) * 60_000,
    }),
  );
  const { fx, verdicts } = absorbAll(before.profile, envelopes);
  expect(verdicts.every(({ kind }) => kind === 'applied')).toBe(true);
  expect(fx.map(({ minutes, events }) => [minutes.length, events.length])).toEqual([[32, 64]]);
  for (const each of fx) expect(bytesOf(each)).toBeLessThanOrEqual(FX_BYTES_MAX);
});
