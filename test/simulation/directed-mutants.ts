import type { Mutant } from './mutants.ts';

/** The line that a written history stands on, taken away: that history must notice. */
export interface DirectedMutant extends Mutant {
  /** How the names of the histories begin that must fail. */
  readonly directed: string;
}

const JUDGE = 'functions/core/profile/judge.ts';
const ABSORB = 'functions/core/profile/absorb.ts';
const ROWS = 'functions/core/analytics/tally-rows.ts';
const INTERESTS = 'functions/core/profile/interests.ts';
const SESSIONS = 'functions/core/profile/sessions.ts';
const FOLD = 'functions/aggregate/fold-user.ts';
const CURATE = 'functions/core/lake/curate.ts';
const CUT = 'functions/core/nightly/cut.ts';
const START = 'functions/nightly/start-run.ts';
const READ_TAGS = 'functions/core/tags/read.ts';

/** Redeliveries are judged like copies. */
const noFence = {
  name: 'no fence',
  file: ABSORB,
  find: 'if (!isPassed(memory.fences, envelope.position)) {',
  replace: 'if (isPassed(memory.fences, envelope.position) || verdicts.length >= 0) {',
};

const noIds = {
  name: 'no ring of ids',
  file: JUDGE,
  find: 'const isKnownId = memory.ring.includes(line.idHash) || met.ids.has(line.idHash);',
  replace: 'const isKnownId = met.ids.has(line.idHash);',
};

export const DIRECTED_MUTANTS: readonly DirectedMutant[] = [
  { directed: '1:', ...noFence },
  {
    directed: '2:',
    name: 'no memory of batches',
    file: JUDGE,
    find: 'return isKnownId || knowsPart(memory.batches, line.batch);',
    replace: 'return isKnownId;',
  },
  { directed: '2:', ...noIds },
  {
    directed: '3:',
    name: 'no copy is known',
    file: JUDGE,
    find: "if (isCopy(memory, met, line)) return { kind: 'duplicate', line };",
    replace: '',
  },
  { directed: '4:', ...noFence },
  { directed: '5:', ...noFence },
  {
    directed: '6:',
    name: 'a lost race that does not go on with the winner',
    file: FOLD,
    find: '      stored = saved.winner;',
    replace: '',
  },
  {
    directed: '6:',
    name: 'a new item begins at 1',
    file: ABSORB,
    find: 'if (before === undefined) return now;',
    replace: 'if (before === undefined) return 1;',
  },
  {
    directed: '7:',
    name: 'no timeline row for a redelivery',
    file: 'functions/core/profile/timeline.ts',
    find: "if (verdict === undefined) return [{ text: line.text, effect: 'unknown' }];",
    replace: 'if (verdict === undefined) return [];',
  },
  {
    directed: '8:',
    name: 'a redriven key stays among the parked ones',
    file: JUDGE,
    find: 'if (oldKey !== undefined) parked = takeOutParked(parked, keyText(oldKey));',
    replace: '',
  },
  {
    directed: '9:',
    name: 'a change that is in a row is added to it again',
    file: ROWS,
    find: '({ change }) => row === undefined || paddedSequence(change.sequence) > row.last,',
    replace: "({ change }) => row === undefined || paddedSequence(change.sequence) > '',",
  },
  {
    directed: '10:',
    name: 'numbers of a table’s stream compared as texts of any length',
    file: ROWS,
    find: "sequence.padStart(SEQUENCE_DIGITS, '0');",
    replace: 'sequence.slice(0, SEQUENCE_DIGITS);',
  },
  {
    directed: '11:',
    name: 'a mapping without its filter',
    file: 'localstack/engines/event-source-mapping/filter.ts',
    find: 'return (record) => filters.some((matches) => matches(record));',
    replace: 'return () => filters.length > 0;',
  },
  {
    directed: '12:',
    name: 'a message is finished although it could not be put',
    file: 'functions/drain/drain.ts',
    find: 'if (one.all === undefined || landedNow < one.all.length) unfinished.push(one);',
    replace: 'if (one.all === undefined) unfinished.push(one);',
  },
  {
    directed: '13:',
    name: 'a cache that is away holds up its batch',
    file: 'functions/project/project.ts',
    find: "if (!isBreakerOpen(cause)) report.fault('the cache was not written', cause);",
    replace: 'if (!isBreakerOpen(cause)) throw cause;',
  },
  {
    directed: '15:',
    name: 'a copy over a newer one',
    file: 'functions/adapters/memory-profile-cache.ts',
    find: 'else if (before === undefined || isOlder(before, entry))',
    replace: 'else if (before !== entry)',
  },
  {
    directed: '22: 17 categories',
    name: 'what is dropped leaves no floor',
    file: INTERESTS,
    find: 'floor: Math.max(dropped[1].score, state.floor ?? dropped[1].score),',
    replace: 'floor: state.floor,',
  },
  {
    directed: '22: 257 tiles',
    name: 'tiles go without a floor',
    file: 'functions/core/tags/window-tiles.ts',
    find: 'return last === undefined ? state : raised(state, last + 1);',
    replace: `if (last === undefined) return state;
  const tiles = [...state.tiles].filter(([index]) => index > last);
  return { tiles: new Map(tiles), floor: state.floor };`,
  },
  {
    directed: '22: 5 late sessions',
    name: 'a session goes without a floor',
    file: SESSIONS,
    find: 'floor: dropped.at(-1)?.end ?? floor }',
    replace: 'floor }',
  },
  {
    directed: '23:',
    name: 'event time as it was claimed',
    file: 'functions/core/event/instant.ts',
    find: 'return epochMs(Math.min(corrected, receivedAt + FUTURE_MS_MAX));',
    replace: 'return epochMs(corrected);',
  },
  {
    directed: '24:',
    name: 'the record in a batch of its own',
    file: 'localstack/services/dynamodb/item-writes.ts',
    find: '      ...this.options.follow({ table, itemKey, keys, old, next, byTimeToLive }),\n    ]);',
    replace: `    ]);
    await this.options.commits.commit(() => [
      ...this.options.follow({ table, itemKey, keys, old, next, byTimeToLive }),
    ]);`,
  },
  { directed: '26:', ...noFence },
  {
    directed: '27:',
    name: 'a batchId without the boundaries of the cut',
    file: 'functions/core/event/envelope.ts',
    find: ".join('\\u001e'),",
    replace: ".join('\\n'),",
  },
  {
    directed: '28: killed',
    name: 'traits after the write of the profile',
    file: FOLD,
    find: '  await tell(ports, user, step);\n  return ports.profiles.save(user.origin, step.after.stored, readVersion);',
    replace: `  const saved = await ports.profiles.save(user.origin, step.after.stored, readVersion);
  if (saved.kind === 'saved') await tell(ports, user, step);
  return saved;`,
  },
  {
    directed: '28: a write',
    name: 'traits that fail are forgotten',
    file: FOLD,
    find: '  await tell(ports, user, step);',
    replace: '  await tell(ports, user, step).catch(() => undefined);',
  },
  {
    directed: '29: an event dated 2024',
    name: 'a time to live from the time of the event',
    file: ABSORB,
    find: 'ttl: Math.ceil((newestArrivedAt +',
    replace: `ttl: Math.ceil(((first.line.kind === 'event' ? first.line.timestamp : newestArrivedAt) +`,
  },
  {
    directed: '29: an expired profile',
    name: 'an expired memory is forgotten',
    file: ABSORB,
    find: 'const judged = judge(before?.memory ?? noMemory, envelopes);',
    replace: `const isGone = before === undefined || isExpired(before.ttl, context.now);
  const judged = judge(isGone ? noMemory : before.memory, envelopes);`,
  },
  { directed: '30: applied', ...noFence },
  { directed: '30: parked', ...noFence },
  {
    directed: '31: two users',
    name: 'ids known for all users at once',
    file: JUDGE,
    find: "if (isCopy(memory, met, line)) return { kind: 'duplicate', line };",
    replace: `const ids = ((globalThis as { ids?: Set<number> }).ids ??= new Set());
    if (ids.has(line.idHash) || isCopy(memory, met, line)) return { kind: 'duplicate', line };
    ids.add(line.idHash);`,
  },
  {
    directed: '32:',
    name: 'only the first session that an event touches',
    file: SESSIONS,
    find: 'const before = kept.filter(touches);',
    replace: 'const before = kept.filter(touches).slice(0, 1);',
  },
  {
    directed: 'project answers into the void',
    name: 'only the very version that was told is known',
    file: 'functions/project/published-versions.ts',
    find: 'return held !== undefined && version <= held;',
    replace: 'return version === held;',
  },
  {
    directed: 'user-profile-updates away',
    name: 'an update that failed is not named',
    file: 'functions/project/project.ts',
    find: 'return batchAnswer(unfinished.map(({ change }) => change.sequence));',
    replace: 'return batchAnswer([]);',
  },
  {
    directed: 'a record that is poison',
    name: 'a bug blocks its shard',
    file: 'functions/core/enrichment/enrich-record.ts',
    find: '  } catch (bug) {\n    return {',
    replace: '  } catch (bug) {\n    if (tables.version >= 0) throw bug;\n    return {',
  },
  {
    directed: '14:',
    name: 'a load without a pace',
    file: 'functions/load/load.ts',
    find: 'if (early > 0) await sleep(early);',
    replace: 'if (early > 0) await sleep(0);',
  },
  {
    directed: '16: resent at',
    name: 'a copy is known for no longer than its day',
    file: CURATE,
    find: 'const REACH_DAYS = 30;',
    replace: 'const REACH_DAYS = 0;',
  },
  {
    directed: '17: an object 20 h late, as',
    name: 'a delivery that is behind moves no cut',
    file: CUT,
    find: "['iteratorAgeMs', 'readLagMs', 'freshnessMs'] as const;",
    replace: "['iteratorAgeMs', 'readLagMs'] as const;",
  },
  {
    directed: '17: an object 20 h late of which',
    name: 'no day before the last cut is read again',
    file: 'functions/core/nightly/plan-night.ts',
    find: 'const LATE_DAYS = 2;',
    replace: 'const LATE_DAYS = 0;',
  },
  {
    directed: '18: stopped',
    name: 'a run counts as loaded before it has loaded',
    file: 'functions/plan-load/plan-load.ts',
    find: '    await runs.change(plan, { step });',
    replace: `    await runs.change(plan, { step });
    const { runId, cut, firstDay, versions } = plan;
    await runs.saveLoaded({ runId, cut, firstDay, filled: versions, nights: [] });`,
  },
  {
    directed: '19: two triggers',
    name: 'a flight is taken whoever has it',
    file: 'functions/adapters/memory-run-store.ts',
    find: "if (!isFree) return 'lost';",
    replace: "if (!isFree && wanted === over) return 'lost';",
  },
  {
    directed: '19: a trigger whose holder',
    name: 'what a dead trigger wanted is not begun',
    file: START,
    find: "if (state === 'missing' && (await begin(ports, holder)) === 'started')",
    replace: "if (state === 'missing')",
  },
  {
    directed: '19: a holder whose',
    name: 'a holder is never dead',
    file: START,
    find: "if (state === 'running') return",
    replace: "if (state !== 'missing') return",
  },
  {
    directed: '20:',
    name: 'a window that ends, and does not begin',
    file: READ_TAGS,
    find: 'const first = windowDays === undefined ? 0 : Math.max(0, firstDayAt(utcDayOf(now), windowDays));',
    replace:
      'const first = windowDays === undefined ? 0 : Math.min(0, firstDayAt(utcDayOf(now), windowDays));',
  },
  {
    directed: '21:',
    name: 'what a day no longer has stays in it',
    file: 'functions/core/lake/user-day.ts',
    find: "      { kind: 'delete', and: gone },",
    replace: '',
  },
  {
    directed: '25: enrich',
    name: 'a lag that is not known is none',
    file: CUT,
    find: 'newestOf(readings)).length === 0 ? 0 : undefined;',
    replace: 'newestOf(readings)).length >= 0 ? 0 : undefined;',
  },
  {
    directed: '25: spilled',
    name: 'tiles of the day of the cut are left out',
    file: READ_TAGS,
    find: 'eventDay >= firstDay && arrivalDay >= cut);',
    replace: 'eventDay >= firstDay && arrivalDay > cut);',
  },
  {
    directed: '25: parked',
    name: 'tiles of the day of the cut are left out',
    file: READ_TAGS,
    find: 'eventDay >= firstDay && arrivalDay >= cut);',
    replace: 'eventDay >= firstDay && arrivalDay > cut);',
  },
  {
    directed: '25: two copies',
    name: 'a copy is known for no longer than its day',
    file: CURATE,
    find: 'const REACH_DAYS = 30;',
    replace: 'const REACH_DAYS = 0;',
  },
  {
    directed: '25: an old off',
    name: 'tiles before the cut count too',
    file: READ_TAGS,
    find: 'eventDay >= firstDay && arrivalDay >= cut);',
    replace: 'eventDay >= firstDay && arrivalDay >= 0);',
  },
  {
    directed: '25: a profile',
    name: 'a cut of a day later',
    file: 'functions/load/read-lines.ts',
    find: 'const day = dayNumber(cut);',
    replace: 'const day = dayNumber(cut) + 1;',
  },
  {
    directed: '26: mappings made anew at TRIM_HORIZON: the lake',
    name: 'a line for each time that it was delivered',
    file: CURATE,
    find: "where: equal(column('k', 'place'), whole(1)),",
    replace: 'where: undefined,',
  },
  {
    directed: '30: a line and the stub',
    name: 'a stub beats a real line',
    file: CURATE,
    find: "choose([[column(of, 'stub'), whole(1)]], whole(0));",
    replace: "choose([[column(of, 'stub'), whole(0)]], whole(1));",
  },
  {
    directed: '31: in the lake',
    name: 'a copy whoever it is of',
    file: CURATE,
    find: "place: placeAmong('o', [...OWNER, 'event_id', 'stub']),",
    replace: "place: placeAmong('o', ['event_id', 'stub']),",
  },
  {
    directed: 'an order told again by a copy',
    name: 'an order that a copy has told is told',
    file: CURATE,
    find: "saidBefore(day, 'order_key', ['stub', 'dup', 'again'])",
    replace: "saidBefore(day, 'order_key', ['stub', 'again'])",
  },
  {
    directed: 'a copy that slips',
    name: 'tiles before the cut count too',
    file: READ_TAGS,
    find: 'eventDay >= firstDay && arrivalDay >= cut);',
    replace: 'eventDay >= firstDay && arrivalDay >= 0);',
  },
];
