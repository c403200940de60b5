/** A mistake that real systems have made, as a change of one text in one file. */
export interface Mutant {
  readonly name: string;
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

const FENCE = 'functions/core/profile/fence.ts';
const JUDGE = 'functions/core/profile/judge.ts';
const FOLD = 'functions/aggregate/fold-user.ts';
const PUT = 'functions/runtime/put-in-order.ts';
const ROWS = 'functions/core/analytics/tally-rows.ts';
const ENRICH = 'functions/enrich/enrich.ts';
const FIREHOSE = 'localstack/engines/firehose.ts';
const PROJECT = 'functions/project/project.ts';
const UNFINISHED_UPDATES = 'return batchAnswer(unfinished.map(({ change }) => change.sequence));';

export const MUTANTS: readonly Mutant[] = [
  {
    name: 'a write without its condition',
    file: 'test/simulation/table-model.ts',
    find: 'if (held?.version !== version) return',
    replace: 'if (held === item) return',
  },
  {
    name: 'a fence of the last two shards only',
    file: FENCE,
    find: 'fences.filter((fence) => fence.stream !== stream)',
    replace: 'fences.filter((fence) => fence.stream !== stream || fence.shard !== shard)',
  },
  {
    name: 'a fence shared by origin keys',
    file: FENCE,
    find: 'const fence = fences.find(({ stream }) => stream === position.stream);',
    replace: `const shared = (globalThis as { fence?: Position }).fence;
  const mine = fences.find(({ stream }) => stream === position.stream);
  const fence = mine ?? shared;
  if (fence === undefined || comparePositions(position, fence) > 0)
    (globalThis as { fence?: Position }).fence = position;`,
  },
  {
    name: 'two records of one user in one put call',
    file: PUT,
    find: 'for (const [head] of queues.values()) {',
    replace: 'for (const head of [...queues.values()].flatMap((queue) => queue.slice(0, 2))) {',
  },
  {
    name: 'a batchId without the boundaries of the cut',
    file: 'functions/core/event/envelope.ts',
    find: ".join('\\u001e'),",
    replace: ".join('\\n'),",
  },
  {
    name: 'seen before it is written',
    file: FOLD,
    find: 'const progress = { waiting: user.envelopes };',
    replace: `const seen = ((ports.profiles as { seen?: Set<string> }).seen ??= new Set());
  const nameOf = ({ position }: Envelope): string =>
    user.partitionKey + position.shard + position.sequence;
  const unseen = user.envelopes.filter((each) => !seen.has(nameOf(each)));
  for (const each of unseen) seen.add(nameOf(each));
  const progress = { waiting: unseen };`,
  },
  {
    name: 'a checkpoint of the last delivered',
    file: 'localstack/engines/event-source-mapping/outcome.ts',
    find: '    settlePartial(turn, lane, batch, verdict.failedFrom);',
    replace: '    finish(lane, batch.entries);',
  },
  {
    name: 'parking outside the fence',
    file: JUDGE,
    find: 'return { fences: advanced(memory.fences, position),',
    replace: `const isParked = verdicts.every(({ kind }) => kind === 'parked');
  return { fences: isParked ? memory.fences : advanced(memory.fences, position),`,
  },
  {
    name: 'an ignored partial put',
    file: PUT,
    find: "if (answer?.[place] === 'stored') {",
    replace: 'if (answer !== undefined) {',
  },
  {
    name: 'no ring of ids',
    file: JUDGE,
    find: 'const isKnownId = memory.ring.includes(line.idHash) || met.ids.has(line.idHash);',
    replace: 'const isKnownId = met.ids.has(line.idHash);',
  },
  {
    name: 'no memory of batches',
    file: JUDGE,
    find: 'return isKnownId || knowsPart(memory.batches, line.batch);',
    replace: 'return isKnownId;',
  },
  {
    name: 'a lost race taken for a written one',
    file: FOLD,
    find: "if (saved.kind === 'saved') {\n      for",
    replace: "if (saved.kind === 'saved' || saved.kind === 'conflict') {\n      for",
  },
  {
    name: 'a set after a stale read: the loser writes its old fold under the winner’s version',
    file: FOLD,
    find: 'return ports.profiles.save(user.origin, step.after.stored, readVersion);',
    replace: `const { stored } = step.after;
  const saved = await ports.profiles.save(user.origin, stored, readVersion);
  if (saved.kind === 'saved' || saved.winner === undefined || 'unreadable' in saved.winner)
    return saved;
  const { version } = saved.winner;
  return ports.profiles.save(user.origin, { ...stored, version: version + 1 }, version);`,
  },
  {
    name: 'no stub for what enrich parks',
    file: 'functions/core/enrichment/enrich-record.ts',
    find: "lines.push(typeof done === 'string' ? done : stubLine(record, done));",
    replace: "if (typeof done === 'string') lines.push(done);",
  },
  {
    name: 'a stub although its bytes could not be parked',
    file: ENRICH,
    find: 'return done.findIndex(({ setAside }) => setAside.length > 0);',
    replace: 'return records.length;',
  },
  {
    name: 'sequence numbers compared as numbers',
    file: 'functions/core/profile/position.ts',
    find: 'compareTexts(padded(left.sequence), padded(right.sequence));',
    replace: 'Number(left.sequence) - Number(right.sequence);',
  },
  {
    name: 'a batch in parallel by record',
    file: 'functions/aggregate/read-batch.ts',
    find: 'users.set(record.partitionKey, user);',
    replace: "users.set(record.partitionKey + '/' + record.sequence, user);",
  },
  {
    name: '2xx before it is durable',
    file: 'functions/collect/ingest.ts',
    find: 'if (!stored) {',
    replace: "if (!stored && request.requestId === '') {",
  },
  {
    name: 'traits after the write of the profile',
    file: FOLD,
    find: '  await tell(ports, user, step);\n  return ports.profiles.save(user.origin, step.after.stored, readVersion);',
    replace: `  const saved = await ports.profiles.save(user.origin, step.after.stored, readVersion);
  if (saved.kind === 'saved') await tell(ports, user, step);
  return saved;`,
  },
  {
    name: 'later records of a user go on after one that failed',
    file: ENRICH,
    find: "joined.flatMap(({ sources }, index) => (outcomes[index] === 'stored' ? [] : sources)),",
    replace:
      'joined.flatMap(({ sources }, index) => (outcomes[index] === undefined ? sources : [])),',
  },
  {
    name: 'a repeated put read as one envelope',
    file: 'functions/aggregate/read-batch.ts',
    find: 'user.envelopes.push(...envelopesOf(read.lines));',
    replace: `const [first, ...more] = envelopesOf(read.lines);
    const last = user.envelopes.at(-1);
    if (first !== undefined && last !== undefined && isSamePosition(last.position, first.position)) {
      (last.lines as Line[]).push(...first.lines);
      user.envelopes.push(...more);
    } else user.envelopes.push(...envelopesOf(read.lines));`,
  },
  {
    name: 'a redriven event judged by nothing',
    file: JUDGE,
    find: 'if (isListed) return isKnownId;',
    replace: 'if (isListed || oldKey.index >= 0) return false;',
  },
  {
    name: 'a child shard is read beside its parent',
    file: 'localstack/engines/event-source-mapping/shard.ts',
    find: 'return known === undefined || known.checkpoint.drained;',
    replace: 'return known === undefined || known !== undefined;',
  },
  {
    name: 'counted before it is written',
    file: 'functions/tally/save-row.ts',
    find: 'const saved = await store.save(work.key, next, row?.last);',
    replace: `remember(text, next);
      const saved = await store.save(work.key, next, row?.last);`,
  },
  {
    name: 'a row without its condition',
    file: 'test/simulation/rows-model.ts',
    find: 'if (held?.last !== readLast) {',
    replace: 'if (held === row) {',
  },
  {
    name: 'numbers of a table’s stream compared as texts of any length',
    file: ROWS,
    find: "sequence.padStart(SEQUENCE_DIGITS, '0');",
    replace: 'sequence.slice(0, SEQUENCE_DIGITS);',
  },
  {
    name: 'a batch is new to a row as a whole or not at all',
    file: ROWS,
    find: '({ change }) => row === undefined || paddedSequence(change.sequence) > row.last,',
    replace: `() =>
        row === undefined || paddedSequence(additions.at(-1)?.change.sequence ?? '') > row.last,`,
  },
  {
    name: 'a row that failed is not named',
    file: 'functions/tally/tally.ts',
    find: 'ports.report.fault(fault);\n        unfinished.push(...work.sequences.slice(0, 1));',
    replace: 'ports.report.fault(fault);',
  },
  {
    name: 'a row that failed is named by its last change',
    file: 'functions/tally/tally.ts',
    find: 'ports.report.fault(fault);\n        unfinished.push(...work.sequences.slice(0, 1));',
    replace: 'ports.report.fault(fault);\n        unfinished.push(...work.sequences.slice(-1));',
  },
  {
    name: 'a spill that failed taken for one that is there',
    file: 'functions/collect/store.ts',
    find: "return spilled.outcomes.every((outcome) => outcome === 'spilled');",
    replace: 'return spilled.outcomes.length > 0;',
  },
  {
    name: 'a message is finished although it could not be put',
    file: 'functions/drain/drain.ts',
    find: 'if (one.all === undefined || landedNow < one.all.length) unfinished.push(one);',
    replace: 'if (one.all === undefined) unfinished.push(one);',
  },
  {
    name: 'a breaker that never closes again',
    file: 'functions/core/breaker.ts',
    find: "return turned(breaker, ok ? 'closed' : 'open', nowMs);",
    replace: "return turned(breaker, ok ? 'half-open' : 'open', nowMs);",
  },
  {
    name: 'a timeline row before the write of the profile',
    file: FOLD,
    find: '    const saved = await commit(ports, user, step, before?.version);',
    replace: `    if (ports.timeline) await tellTimeline(ports.timeline, user, progress.waiting, step);
    const saved = await commit(ports, user, step, before?.version);`,
  },
  {
    name: 'no timeline row for a redelivery',
    file: 'functions/core/profile/timeline.ts',
    find: "if (verdict === undefined) return [{ text: line.text, effect: 'unknown' }];",
    replace: 'if (verdict === undefined) return [];',
  },
  {
    name: 'an update that failed is not named',
    file: PROJECT,
    find: UNFINISHED_UPDATES,
    replace: 'return batchAnswer([]);',
  },
  {
    name: 'only the last update that failed is named',
    file: PROJECT,
    find: UNFINISHED_UPDATES,
    replace: 'return batchAnswer(unfinished.slice(-1).map(({ change }) => change.sequence));',
  },
  {
    name: 'an update that failed is taken for published',
    file: PROJECT,
    find: "if (outcomes[place] === 'stored') told();",
    replace: 'if (place >= 0) told();',
  },
  {
    name: 'a user is told of once in the life of a process',
    file: 'functions/project/published-versions.ts',
    find: 'return held !== undefined && version <= held;',
    replace: 'return held !== undefined;',
  },
  {
    name: 'the first version of a batch is told, not the last',
    file: 'functions/project/read-changes.ts',
    find: 'const written = mine.findLast(',
    replace: 'const written = mine.find(',
  },
  {
    name: 'an update whose put was partial is taken for stored',
    file: PROJECT,
    find: "tellings.filter((_, place) => outcomes[place] !== 'stored');",
    replace: 'tellings.filter((_, place) => outcomes.length < place);',
  },
  {
    name: 'an update without the newest item',
    file: 'functions/core/profile/update.ts',
    find: 'recentItems: newestItems(facets.items).map(',
    replace: 'recentItems: newestItems(facets.items).slice(1).map(',
  },
  {
    name: 'a delivery’s position moves before its object is stored',
    file: FIREHOSE,
    find: '    delivery: { key, chunks, bytes, oldestMs, through: read },',
    replace: '    delivered: read,\n    delivery: { key, chunks, bytes, oldestMs, through: read },',
  },
  {
    name: 'a delivery takes an open shard for one that is drained',
    file: 'test/simulation/lake-model.ts',
    find: 'if (shard.closed && isAtEnd) this.#drained.add(shard.shardId);',
    replace: 'this.#drained.add(shard.shardId);',
  },
  {
    name: 'a delivery forgets the object that is under way',
    file: FIREHOSE,
    find: 'if (oldestMs === undefined || state.delivery !== undefined) return state;',
    replace: 'if (oldestMs === undefined) return state;',
  },
  {
    name: 'a cut of a day later',
    file: 'functions/load/read-lines.ts',
    find: 'const day = dayNumber(cut);',
    replace: 'const day = dayNumber(cut) + 1;',
  },
  {
    name: 'objects of the day before, begun before midnight, are not read',
    file: 'functions/core/lake/landed-lines.ts',
    find: 'const LANDING_DAYS_BEFORE = 1;',
    replace: 'const LANDING_DAYS_BEFORE = 0;',
  },
  {
    name: 'objects of later days are not read',
    file: 'functions/core/lake/landed-lines.ts',
    find: 'const LANDING_DAYS_AFTER = 4;',
    replace: 'const LANDING_DAYS_AFTER = 0;',
  },
  {
    name: 'a total that does not know through which day it is',
    file: 'functions/core/lake/user-total.ts',
    find: "and: below(column('t', 'through'), column('s', 'arrival_day')),",
    replace: 'and: undefined,',
  },
  {
    name: 'the day of the cut is counted by stream and nightly',
    file: 'functions/core/lake/unload-tags.ts',
    find: 'below(arrival, literal(run.cut)),',
    replace: 'below(arrival, literal(daysAfter(run.cut, 1))),',
  },
  {
    name: 'the cut is the last midnight, whatever is behind',
    file: 'functions/core/nightly/cut.ts',
    find: 'const day = utcDayOf(epochMs(sure - behind - SLACK));',
    replace: 'const day = utcDayOf(epochMs(sure));',
  },
  {
    name: 'tiles before the cut count too',
    file: 'functions/core/tags/read.ts',
    find: 'eventDay >= firstDay && arrivalDay >= cut);',
    replace: 'eventDay >= firstDay && arrivalDay >= 0);',
  },
  {
    name: 'weights of pairs are a day older than readers take them for',
    file: 'functions/core/lake/unload-lists.ts',
    find: 'const last = daysAfter(run.cut, -1);',
    replace: 'const last = run.cut;',
  },
  {
    name: 'pairs of items are learnt of the last day alone',
    file: 'functions/core/nightly/plan-night.ts',
    find: 'learnDays: daysFrom(firstLearnt(known, firstDay, today), today),',
    replace: 'learnDays: daysFrom(today - 1, today),',
  },
  {
    name: 'pairs are learnt without the items before a write',
    file: 'functions/core/recommend/learn.ts',
    find: 'let list = positives.length > 0 ? readBefore(before, minutes, strings) : [];',
    replace: 'let list: Positives = [];',
  },
  {
    name: 'pairs are learnt of a user’s latest version alone',
    file: 'functions/project/learn-changes.ts',
    find: 'const fresh = mine.filter(({ user, version }) => version > (before.get(user) ?? 0));',
    replace:
      'const fresh = mine.filter((one) => one.version > (before.get(one.user) ?? 0) && mine.findLast(({ user }) => user === one.user) === one);',
  },
  {
    name: 'pairs are learnt again by each process that reads the stream',
    file: 'functions/project/learn-changes.ts',
    find: 'const fresh = mine.filter(({ user, version }) => version > (before.get(user) ?? 0));',
    replace: 'const fresh = mine.filter(({ user }) => before.has(user));',
  },
  {
    name: 'readers are left with the lists of the first night',
    file: 'functions/plan/point-to-lists.ts',
    find: 'const { runId: version, cut } = plan;',
    replace: "const { cut } = plan;\n  const version = '0000000000000-0000';",
  },
];
