import { expect, test } from 'vitest';
import { type Counted, isClosed, openLedger } from '../../functions/core/analytics/ledger.ts';
import { ledgerText } from '../../functions/core/analytics/ledger-text.ts';
import { epochMs } from '../../functions/core/time.ts';

const FROM = Date.parse('2026-11-21T09:40:00.000Z');
const MINUTE = FROM / 60_000;
const AT = '2026-11-21T09:40:10.000Z';

/** Three requests of two users each; every user's envelope is one event. */
const UNITS = [0, 1, 2].flatMap((request) =>
  ['ann', 'bob'].map((user, place) => ({ request, user, sequence: String(10 * request + place) })),
);
type One = (typeof UNITS)[number];

const rawLine = ({ request, user }: One): string =>
  JSON.stringify({
    tenant: 'main',
    userId: user,
    receivedAt: AT,
    ingest: { requestId: `r${request}`, part: 0, parts: 1, envelopes: 2 },
  });

const enrichedLine = (one: One): string =>
  JSON.stringify({
    ...JSON.parse(rawLine(one)),
    at: { stream: '00c0ffee', shard: 'shardId-000000000000', sequence: one.sequence, index: 0 },
    arrivedAt: AT,
  });

const reported = (
  raw: readonly One[],
  enriched: readonly One[],
  counted: Partial<Counted>,
  more: readonly string[] = [],
) => {
  const ledger = openLedger({ from: epochMs(FROM), to: epochMs(FROM + 60_000) });
  for (const one of raw) ledger.takeRaw(rawLine(one));
  // Firehose delivers at least once: a line that comes again is the same line.
  for (const one of [...enriched, ...enriched.slice(0, 2)]) ledger.takeEnriched(enrichedLine(one));
  for (const line of more) ledger.takeEnriched(line);
  const nothing = { applied: 0, duplicate: 0, parked: 0 };
  return ledger.close([{ tenant: 'main', minute: MINUTE, ...nothing, ...counted }]);
};

test('all that landed is counted in one term: the minute is closed', () => {
  const report = reported(UNITS, UNITS, { applied: 4, duplicate: 2 });
  expect(report.minutes).toEqual([
    { tenant: 'main', minute: MINUTE, landed: 6, applied: 4, duplicate: 2, parked: 0, gap: 0 },
  ]);
  expect(isClosed(report)).toBe(true);
  expect(ledgerText(report).at(-1)).toMatch(/^closed: 3 requests in 6 envelopes, 6 events landed/);
});

test('an envelope lost before enrich is named by its request', () => {
  const kept = UNITS.slice(1);
  const report = reported(kept, kept, { applied: 5 });
  expect(isClosed(report)).toBe(false);
  expect(ledgerText(report)).toContain(
    'lost before enrich: request r0 has 1 of its 2 envelopes in raw/',
  );
});

test('an envelope lost in enrich is named by request, user and part', () => {
  const report = reported(UNITS, UNITS.slice(0, -1), { applied: 5 });
  expect(isClosed(report)).toBe(false);
  expect(ledgerText(report)).toContain(
    'lost in enrich: request r2, part 0 of main#bob is in raw/ and not in enriched/',
  );
});

test('an event lost in aggregate is named by its minute, and one counted twice too', () => {
  const lost = reported(UNITS, UNITS, { applied: 5 });
  expect(isClosed(lost)).toBe(false);
  expect(ledgerText(lost).join('\n')).toContain(
    'lost in aggregate or in flight: 1 of the events of 2026-11-21T09:40',
  );
  const doubled = reported(UNITS, UNITS, { applied: 7 });
  expect(isClosed(doubled)).toBe(false);
  expect(ledgerText(doubled).join('\n')).toContain('counted and not landed: 1 of the events');
});

test('a stub stands for its unit and lands as parked', () => {
  const [last, ...rest] = UNITS.toReversed();
  if (last === undefined) throw new Error('no unit');
  const { at, arrivedAt } = JSON.parse(enrichedLine(last));
  const stub = { stub: 1, partitionKey: 'main#bob', at, arrivedAt, requestId: 'r2', part: 0 };
  const report = reported(UNITS, rest, { applied: 5, parked: 1 }, [JSON.stringify(stub)]);
  expect(isClosed(report)).toBe(true);
});
