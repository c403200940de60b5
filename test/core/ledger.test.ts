import { expect, test } from 'vitest';
import {
  type Counted,
  isClosed,
  type LedgerReport,
  openLedger,
} from '../../functions/core/analytics/ledger.ts';
import { openSuspects } from '../../functions/core/analytics/ledger-suspects.ts';
import { ledgerText } from '../../functions/core/analytics/ledger-text.ts';
import { hash48 } from '../../functions/core/hash.ts';
import { RING_IDS_MAX } from '../../functions/core/profile/id-ring.ts';
import { type Memory, noMemory } from '../../functions/core/profile/memory.ts';
import { epochMs } from '../../functions/core/time.ts';

const FROM = Date.parse('2026-11-21T09:40:00.000Z');
const MINUTE = FROM / 60_000;
const AT = '2026-11-21T09:40:10.000Z';

/** Three requests of two users each; every user's envelope is two events. */
const UNITS = [0, 1, 2].flatMap((request) =>
  ['ann', 'bob'].flatMap((user, place) =>
    [0, 1].map((index) => ({ request, user, sequence: String(10 * request + place), index })),
  ),
);
type One = (typeof UNITS)[number];

const idOf = ({ request, user, index }: One): string => `${user}-${request}-${index}`;

const rawLine = (one: One, more: object = {}): string =>
  JSON.stringify({
    tenant: 'main',
    userId: one.user,
    eventId: idOf(one),
    receivedAt: AT,
    ingest: { requestId: `r${one.request}`, part: 0, parts: 1, envelopes: 2, ...more },
  });

const keyed = ({ sequence, index }: One) => ({
  at: { stream: '00c0ffee', shard: 'shardId-000000000000', sequence, index },
  arrivedAt: AT,
});

const enrichedLine = (one: One): string =>
  JSON.stringify({ ...JSON.parse(rawLine(one)), ...keyed(one) });

const stubLine = (one: One): string =>
  JSON.stringify({
    stub: 1,
    partitionKey: `main#${one.user}`,
    ...keyed(one),
    requestId: `r${one.request}`,
    part: 0,
  });

const reported = (
  raw: readonly One[],
  enriched: readonly One[],
  counted: Partial<Counted>,
  more: readonly string[] = [],
): LedgerReport => {
  const ledger = openLedger({ from: epochMs(FROM), to: epochMs(FROM + 60_000) });
  // Firehose delivers at least once: a line that comes again is the same line.
  for (const one of [...raw, ...raw.slice(0, 3)]) ledger.takeRaw(rawLine(one));
  for (const one of [...enriched, ...enriched.slice(0, 3)]) ledger.takeEnriched(enrichedLine(one));
  for (const line of more) ledger.takeEnriched(line);
  const nothing = { applied: 0, duplicate: 0, parked: 0 };
  return ledger.close([{ tenant: 'main', minute: MINUTE, ...nothing, ...counted }]);
};

test('all that landed is counted in one term: the minute is closed', () => {
  const report = reported(UNITS, UNITS, { applied: 9, duplicate: 2, parked: 1 });
  expect(report.minutes).toEqual([
    { tenant: 'main', minute: MINUTE, landed: 12, applied: 9, duplicate: 2, parked: 1, gap: 0 },
  ]);
  expect(isClosed(report)).toBe(true);
  expect(ledgerText(report).at(-1)).toMatch(/^closed: 3 requests in 6 envelopes, 12 events landed/);
});

test('an envelope lost before enrich is named by its request and minute', () => {
  const kept = UNITS.filter(({ request, user }) => request !== 0 || user !== 'ann');
  const report = reported(kept, kept, { applied: 10 });
  expect(isClosed(report)).toBe(false);
  expect(ledgerText(report)).toContain(
    'lost before enrich: request r0 of 2026-11-21T09:40 has 1 of its 2 envelopes in raw/; missing: 1 of users of whom nothing arrived',
  );
});

test('a part lost before enrich is named by its user where another part of theirs arrived', () => {
  const ledger = openLedger({ from: epochMs(FROM), to: epochMs(FROM + 60_000) });
  const [one] = UNITS;
  if (one === undefined) throw new Error('no unit');
  const line = rawLine(one, { part: 1, parts: 2, envelopes: 2 });
  ledger.takeRaw(line);
  ledger.takeEnriched(JSON.stringify({ ...JSON.parse(line), ...keyed(one) }));
  const report = ledger.close([
    { tenant: 'main', minute: MINUTE, applied: 1, duplicate: 0, parked: 0 },
  ]);
  expect(isClosed(report)).toBe(false);
  expect(ledgerText(report)).toContain(
    'lost before enrich: request r0 of 2026-11-21T09:40 has 1 of its 2 envelopes in raw/; missing: part 0 of main#ann',
  );
});

test('an envelope lost in enrich is named by request, user, part and events', () => {
  const report = reported(UNITS, UNITS.slice(0, -2), { applied: 10 });
  expect(isClosed(report)).toBe(false);
  expect(ledgerText(report)).toContain(
    'lost in enrich: request r2 of 2026-11-21T09:40, part 0 of main#bob, events bob-2-0, bob-2-1',
  );
});

test('one event lost in enrich is missed although another of its envelope is there', () => {
  const report = reported(UNITS, UNITS.slice(0, -1), { applied: 11 });
  expect(isClosed(report)).toBe(false);
  expect(ledgerText(report)).toContain(
    'lost in enrich: request r2 of 2026-11-21T09:40, part 0 of main#bob, events bob-2-1',
  );
});

test('what the archive lacks is no loss of enrich, and does not close', () => {
  const report = reported(UNITS.slice(0, -1), UNITS, { applied: 12 });
  expect(isClosed(report)).toBe(false);
  expect(report.notEnriched).toEqual([]);
  expect(report.incomplete).toEqual([]);
  expect(ledgerText(report)).toContain(
    'in enriched/ and not in raw/ (yet): request r2 of 2026-11-21T09:40, part 0 of main#bob, events bob-2-1',
  );
});

test('an event not counted is a gap of its minute, and one counted twice too', () => {
  const lost = reported(UNITS, UNITS, { applied: 11 });
  expect(isClosed(lost)).toBe(false);
  expect(ledgerText(lost).join('\n')).toContain(
    'lost or in flight: 1 of the events of 2026-11-21T09:40',
  );
  const doubled = reported(UNITS, UNITS, { applied: 13 });
  expect(isClosed(doubled)).toBe(false);
  expect(ledgerText(doubled).join('\n')).toContain('counted and not landed: 1 of the events');
});

test('a stub stands for one event of its unit and lands as parked', () => {
  const last = UNITS.at(-1);
  if (last === undefined) throw new Error('no unit');
  const rest = UNITS.slice(0, -1);
  const stub = stubLine(last);
  const report = reported(UNITS, rest, { applied: 11, parked: 1 }, [stub, stub]);
  expect(isClosed(report)).toBe(true);
  // It does not stand for a second one.
  const less = reported(UNITS, UNITS.slice(0, -2), { applied: 10, parked: 1 }, [stub]);
  expect(less.notEnriched).toHaveLength(1);
  // Nor, where another version of the function could read the line after all, for any.
  const both = reported(UNITS, [...UNITS.slice(0, -2), last], { applied: 11 }, [stub]);
  expect(both.notEnriched).toMatchObject([{ events: ['bob-2-0'] }]);
});

const fenced = (sequence: string, ids: readonly string[]): Memory => ({
  ...noMemory,
  fences: [{ stream: '00c0ffee', shard: 'shardId-000000000000', sequence }],
  ring: ids.map(hash48),
});

const BOBS = UNITS.filter(({ user }) => user === 'bob');

const suspected = (memory: Memory | undefined, gap: number): string => {
  const report = reported(UNITS, UNITS, { applied: UNITS.length - gap });
  const suspects = openSuspects(report.minutes);
  for (const one of [...UNITS, ...UNITS]) suspects.take(enrichedLine(one));
  expect(suspects.origins()).toEqual([
    { tenant: 'main', user: 'ann' },
    { tenant: 'main', user: 'bob' },
  ]);
  const named = suspects.of({ tenant: 'main', user: 'bob' }, memory);
  return ledgerText(report, { suspects: named, unasked: suspects.unasked() }).join('\n');
};

test('an event that its user was read beyond and did not count is lost in aggregate', () => {
  const ids = BOBS.map(idOf).filter((id) => id !== 'bob-1-1');
  const text = suspected(fenced('21', ids), 1);
  expect(text).toContain(
    '  lost in aggregate: request r1, part 0 of main#bob, event bob-1-1, arrived 2026-11-21T09:40',
  );
  expect(text).not.toContain('more');
});

test('an event above its user’s fence was not read; a user without an item was read nowhere', () => {
  const text = suspected(fenced('11', ['bob-0-0', 'bob-0-1', 'bob-1-0', 'bob-1-1']), 2);
  expect(text.match(/not read by aggregate \(yet\): request r2, part 0 of main#bob/g)).toHaveLength(
    2,
  );
  expect(text).not.toContain('lost in aggregate');
  expect(suspected(undefined, 6).match(/not read by aggregate/g)).toHaveLength(6);
});

test('what its user has counted is tally’s, and what is parked or forgotten is not accused', () => {
  expect(suspected(fenced('21', BOBS.map(idOf)), 1)).toContain(
    '  1 more, which their users have counted: not counted by tally (yet), or lost in it',
  );
  const [first, ...rest] = BOBS;
  if (first === undefined) throw new Error('no event');
  const { at } = keyed(first);
  const text = `${at.stream}/${at.shard}/${at.sequence.padStart(56, '0')}/${at.index}`;
  const parked = { keys: new Map([[text, at]]), floors: [] };
  expect(suspected({ ...fenced('21', rest.map(idOf)), parked }, 1)).not.toContain('bob-0-0');
  const full = Array.from({ length: RING_IDS_MAX }, (_, n) => `later-${n}`);
  expect(suspected(fenced('21', full), 1)).toContain(
    '  1 more, of 6 that their users have forgotten or never knew',
  );
});

test('users beyond those who are asked are told of, and tally is not accused of their events', () => {
  const report = reported(UNITS, UNITS, { applied: UNITS.length - 2 });
  const suspects = openSuspects(report.minutes, 1);
  for (const one of UNITS) suspects.take(enrichedLine(one));
  expect(suspects.origins()).toEqual([{ tenant: 'main', user: 'ann' }]);
  const unasked = suspects.unasked();
  expect(unasked).toEqual([{ tenant: 'main', minute: MINUTE, lines: BOBS.length }]);
  const text = ledgerText(report, { suspects: [], unasked }).join('\n');
  expect(text).toContain(`2 more, maybe among ${BOBS.length} of users who were not asked`);
  expect(text).not.toContain('tally');
});

test('a range of more events than one run may hold is refused, not cut', () => {
  const ledger = openLedger({ from: epochMs(FROM), to: epochMs(FROM + 60_000) }, 3);
  const [first, second] = UNITS;
  if (first === undefined || second === undefined) throw new Error('there are units');
  ledger.takeRaw(rawLine(first));
  ledger.takeEnriched(enrichedLine(first));
  expect(() => {
    for (const one of UNITS) ledger.takeEnriched(enrichedLine(one));
  }).toThrow(/take a shorter one/);
});
