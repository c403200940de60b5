/** Which events are behind a value of which the nightly job has said its part. */
import { expect, test } from 'vitest';
import { compileTags } from '../../../functions/core/tags/compile.ts';
import { lifetime, over, type TagDefinition } from '../../../functions/core/tags/definition.ts';
import { explainTag } from '../../../functions/core/tags/explain.ts';
import { sinceCut } from '../../../functions/core/tags/explain-off.ts';
import { type CountedEvent, foldTags, noTags } from '../../../functions/core/tags/fold.ts';
import type { Off, OffValue } from '../../../functions/core/tags/off.ts';
import { partsOf, readTags } from '../../../functions/core/tags/read.ts';
import { days, epochMs, utcDayOf } from '../../../functions/core/time.ts';
import { counted, NOW } from '../../support/counted-events.ts';

const TODAY = utcDayOf(NOW);
const CUT = TODAY - 1;

/** What is served after a night that said so, and the events that are named for it. */
const named = (tag: TagDefinition, events: readonly CountedEvent[], night: OffValue) => {
  const config = { tags: [tag], segments: { rules: [], otherwise: 'x' } };
  const { folded, offered } = compileTags(config);
  const [{ version } = { version: '' }] = folded;
  const off: Off = { runId: 'r', cut: CUT, tags: new Map([[version, night]]) };
  const tags = foldTags(noTags(folded, epochMs(0)), events, NOW);
  const { state, ...nightly } = partsOf(tags, off, version);
  if (state === undefined) throw new Error('the stream keeps a tag in both');
  const tiles = sinceCut(explainTag(state, NOW, nightly), CUT);
  const mine = events.filter((event) => tiles.amountOf(event) !== undefined);
  const [served] = readTags(tags, off, offered, NOW);
  return { value: served?.value, ids: mine.map(({ event }) => event.eventId) };
};

const tagOf = (measure: object, period: object = lifetime()): TagDefinition =>
  ({ name: 'tag', measure, events: {}, period, source: 'both' }) as TagDefinition;
const sent = (eventId: string, daysAgo: number, arrivedDaysAgo = daysAgo): CountedEvent =>
  counted({
    eventId,
    at: NOW - days(daysAgo),
    arrivedAt: NOW - days(arrivedDaysAgo),
    page: eventId,
  });

test('an event that arrived before the cut is behind the rows of the run, not behind the tiles', () => {
  const events = [sent('before', 3), sent('late', 3, 0), sent('since', 0)];
  const night: OffValue = { kind: 'tiles', tiles: new Map([[TODAY - 3, 1]]) };
  const { value, ids } = named(tagOf({ op: 'count' }, over({ days: 30 })), events, night);
  expect([value, ids]).toEqual([{ type: 'count', amount: 3 }, ['late', 'since']]);
});

test('an instant is explained by the event of what is served, not by a copy that the night put right', () => {
  const tag = tagOf({ op: 'last', field: 'timestamp' });
  const night: OffValue = { kind: 'instant', at: epochMs(NOW - days(4)) };
  const events = [sent('seen', 4), sent('copy', 2, 3)];
  const after = named(tag, events, night);
  expect(after).toEqual({ value: { type: 'instant', at: NOW - days(4) }, ids: ['seen'] });
  const since = named(tag, [...events, sent('since', 1, 0)], night);
  expect(since).toEqual({ value: { type: 'instant', at: NOW - days(1) }, ids: ['since'] });
});

test('a text is explained by the event of what is served, which the night alone may know of', () => {
  const tag = tagOf({ op: 'first', field: 'context.page.name' });
  const night = (eventId: string, ago: number): OffValue => ({
    kind: 'said',
    said: { at: epochMs(NOW - days(ago)), tie: eventId, text: eventId },
  });
  const events = [sent('mine', 4)];
  const missed = named(tag, events, night('earlier', 9));
  expect(missed).toEqual({ value: { type: 'string', text: 'earlier' }, ids: [] });
  const same = named(tag, events, night('mine', 4));
  expect(same).toEqual({ value: { type: 'string', text: 'mine' }, ids: ['mine'] });
});
