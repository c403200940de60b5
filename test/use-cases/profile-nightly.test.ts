/** What clients read of a user of whom the nightly job has said something. */
import { expect, test } from 'vitest';
import { MemoryProfileReader } from '../../functions/adapters/memory-profile-reader.ts';
import {
  compileProfile,
  foldFacets,
  noFacets,
  type ProfileDefinitions,
} from '../../functions/core/profile/facets.ts';
import { lifetime, type TagDefinition } from '../../functions/core/tags/definition.ts';
import type { Off, OffValue } from '../../functions/core/tags/off.ts';
import type { SegmentRule } from '../../functions/core/tags/segment.ts';
import { days, epochMs, startOfUtcDay, utcDayOf } from '../../functions/core/time.ts';
import type { ReadProfile } from '../../functions/ports/profile-reader.ts';
import { profile } from '../../functions/profile/profile.ts';
import { config } from '../../tributary.config.ts';
import { counted, NOW, USER } from '../support/counted-events.ts';

const TODAY = utcDayOf(NOW);
const CUT = TODAY - 1;
const shipped = compileProfile(config);

const versionOf = (name: string, { offered }: ProfileDefinitions = shipped): string =>
  offered.find(({ definition }) => definition.name === name)?.version ?? '';
const tiles = (...entries: readonly (readonly [number, number])[]): OffValue => ({
  kind: 'tiles',
  tiles: new Map(entries),
});
const offOf = (values: Readonly<Record<string, OffValue>>, cut = CUT): Off => ({
  runId: '1764000000000-00aa',
  cut,
  tags: new Map(Object.entries(values)),
});

/** An order three days ago, which the nightly has too, and one today. */
const orders = [days(3), 0].map((ago, index) =>
  counted({ name: 'Order Completed', orders: 1, revenueMicros: 10_000_000, at: NOW - ago }, index),
);

const OFF = offOf({
  [versionOf('ltv_total')]: tiles([0, 35_000_000]),
  [versionOf('orders_total')]: tiles([0, 3]),
  [versionOf('orders_30d')]: tiles([TODAY - 40, 1], [TODAY - 29, 1], [TODAY - 3, 1]),
  [versionOf('favourite_category')]: { kind: 'top', key: 'TOYS' },
});

const asking = (
  off: Off | undefined,
  { definitions = shipped, facets = foldFacets(noFacets(definitions), orders, definitions) } = {},
) => {
  const profiles = new MemoryProfileReader();
  const read: ReadProfile = { version: 3, facets, off, traits: {}, newestArrivedAt: NOW };
  profiles.put({ tenant: 'main', user: USER }, read);
  const serve = profile({ profiles, definitions, authorize: async () => ({ tenant: 'main' }) });
  return async (path: string) => {
    const tag = /explain\/(.+)$/.exec(path)?.[1];
    const { body, ...answer } = await serve({
      method: 'GET',
      path,
      query: new URLSearchParams(),
      headers: {},
      pathParameters: { userId: USER, ...(tag !== undefined && { tag }) },
      body: new Uint8Array(),
      bodyIsBytes: false,
      requestId: 'req-1',
      receivedAtMs: NOW,
    });
    return { ...answer, json: JSON.parse(body) };
  };
};

const NATIVE = `/v1/profiles/${USER}`;
const cutText = new Date(startOfUtcDay(CUT)).toISOString();
const nowText = new Date(NOW).toISOString();

test('a tag in both is what the nightly counted and what arrived since its cut, and names the cut', async () => {
  const { json } = await asking(OFF)(NATIVE);
  const both = { source: 'both', asOf: nowText, cut: cutText, partial: false };
  expect(json.tags.ltv_total).toMatchObject({ value: 45, type: 'sum', ...both });
  expect(json.tags.orders_total).toMatchObject({ value: 4, ...both });
  // The day that has left the window is not counted, its first one is.
  expect(json.tags.orders_30d).toMatchObject({ value: 3, ...both });
  // Which the run has not filled: the stream alone knows the user from the first event on.
  expect(json.tags.revenue_30d).toMatchObject({ value: 20, asOf: nowText, partial: false });
  expect(json.tags.revenue_30d.cut).toBeUndefined();
});

test('a tag of the nightly alone is as of its cut, and away before the first run', async () => {
  const { json } = await asking(OFF)(NATIVE);
  expect(json.tags.favourite_category).toEqual({
    value: 'TOYS',
    type: 'string',
    source: 'batch',
    version: versionOf('favourite_category'),
    asOf: cutText,
    cut: cutText,
    partial: false,
  });
  expect((await asking(undefined)(NATIVE)).json.tags.favourite_category).toBeUndefined();
});

test("001's route has both parts, and what comes from a night moves the ETag", async () => {
  expect((await asking(OFF)(`/profile/${USER}`)).json).toMatchObject({
    ltv_total: '45',
    favourite_category: 'TOYS',
    segment_id: 'loyal_user',
  });
  const before = await asking(undefined)(NATIVE);
  expect(before.json.tags.ltv_total).toMatchObject({ value: 20, partial: false });
  const after = await asking(OFF)(NATIVE);
  expect(after.headers.etag).not.toBe(before.headers.etag);
  expect((await asking(offOf(Object.fromEntries(OFF.tags), CUT))(NATIVE)).headers.etag).toBe(
    after.headers.etag,
  );
});

test('explain of a tag in both: the rows of the run, and of the stream what arrived since', async () => {
  const { json } = await asking(OFF)(`${NATIVE}/explain/orders_30d`);
  expect(json.tag.value).toBe(3);
  expect(json.nightly).toMatchObject({ runId: OFF.runId, cut: cutText, total: 2 });
  expect(json.nightly.tiles.map(({ amount }: { amount: number }) => amount)).toEqual([1, 1]);
  expect(json.tiles).toEqual([
    {
      start: new Date(startOfUtcDay(TODAY)).toISOString(),
      arrivalDay: nowText.slice(0, 10),
      amount: 1,
    },
  ]);
  expect(json.total + json.nightly.total).toBe(json.tag.value);
  const alone = (await asking(undefined)(`${NATIVE}/explain/orders_30d`)).json;
  expect([alone.nightly, alone.tiles.length, alone.total]).toEqual([undefined, 2, 2]);
});

test('explain of a tag of the nightly alone is what the run said, and before one there is no value', async () => {
  const path = `${NATIVE}/explain/favourite_category`;
  const { json } = await asking(OFF)(path);
  expect(json).toMatchObject({
    tag: { value: 'TOYS', source: 'batch', cut: cutText },
    nightly: { runId: OFF.runId, cut: cutText, said: 'TOYS' },
    tiles: [],
  });
  expect(await asking(undefined)(path)).toMatchObject({
    statusCode: 404,
    json: { code: 'no_value' },
  });
});

const tagged = (tag: object, when: SegmentRule['when'] = []): ProfileDefinitions =>
  compileProfile({
    ...config,
    tags: [tag as TagDefinition],
    segments: { rules: when.length === 0 ? [] : [{ name: 'chosen', when }], otherwise: 'others' },
  });
const spent = { op: 'sum', field: 'commerce.revenueMicros' };

test('a changed tag is served and explained by what it meant before, until a run names what it means', async () => {
  const definitions = tagged({
    name: 'spent',
    measure: spent,
    events: { names: ['Order Completed'] },
    period: lifetime(),
    source: 'both',
    previously: { measure: { op: 'count' }, events: {}, period: lifetime() },
  });
  const [now = '', before = ''] = definitions.lake.map(({ version }) => version);
  const unfilled = asking(offOf({ [before]: tiles([0, 9]) }), { definitions });
  const old = { value: 10, type: 'count', version: before, cut: cutText, partial: false };
  expect((await unfilled(NATIVE)).json.tags.spent).toMatchObject(old);
  const explained = (await unfilled(`${NATIVE}/explain/spent`)).json;
  expect(explained).toMatchObject({ tag: old, nightly: { total: 9 }, total: 1 });
  const filled = offOf({ [before]: tiles([0, 9]), [now]: tiles([0, 35_000_000]) });
  expect((await asking(filled, { definitions })(NATIVE)).json.tags.spent).toMatchObject({
    value: 45,
    type: 'sum',
    version: now,
    partial: false,
  });
});

test('a segment that rests on what no run has filled is partial; once one has, it is sure', async () => {
  const batch = { name: 'taste', measure: spent, events: {}, period: lifetime(), source: 'batch' };
  const definitions = tagged(batch, [{ tag: 'taste', atLeast: 30 }]);
  const segment = async (off: Off | undefined) =>
    (await asking(off, { definitions })(NATIVE)).json.segment;
  expect(await segment(undefined)).toEqual({ value: 'others', partial: true });
  const of = (micros: number) => offOf({ [versionOf('taste', definitions)]: tiles([0, micros]) });
  expect(await segment(of(30_000_000))).toEqual({ value: 'chosen', partial: false });
  expect(await segment(of(29_999_999))).toEqual({ value: 'others', partial: false });
});

test('a segment that rests on an instant which the stream may have missed is partial', async () => {
  const seen = { op: 'last', field: 'timestamp' };
  const events = { names: ['Signed Up'] };
  const tag = { name: 'signed', measure: seen, events, period: lifetime(), source: 'both' };
  const definitions = tagged(tag, [{ tag: 'signed', agoAtMost: { days: 7 } }]);
  const late = noFacets(definitions, epochMs(NOW - days(2)));
  const asked = async (facets: typeof late) =>
    (await asking(undefined, { definitions, facets })(NATIVE)).json;
  const missed = await asked(late);
  expect(missed.tags.signed).toBeUndefined();
  expect(missed.segment).toEqual({ value: 'others', partial: true });
  expect((await asked(noFacets(definitions))).segment.partial).toBe(false);
});
