/** Random definitions over random logs, read three times: by the fold, in SQL and slowly. */

import { ConfigRefused } from '../../functions/core/tags/check-tags.ts';
import { type CompiledTags, compileTags, type LakeTag } from '../../functions/core/tags/compile.ts';
import type { TagDefinition } from '../../functions/core/tags/definition.ts';
import {
  decodeTags,
  encodeTags,
  foldTags,
  noTags,
  type Tags,
} from '../../functions/core/tags/fold.ts';
import type { LakeRow } from '../../functions/core/tags/lake-row.ts';
import { decodeOff, encodeOff, type Off, offFromRows } from '../../functions/core/tags/off.ts';
import { readTags, type ServedTag } from '../../functions/core/tags/read.ts';
import { epochMs, startOfUtcDay } from '../../functions/core/time.ts';
import { below, type Random, randomsOf } from '../simulation/random.ts';
import { randomDefinition } from './random-definitions.ts';
import { type Log, NIGHTS, NOW, randomLog } from './random-log.ts';
import {
  type CountedLine,
  countedLines,
  type Ranked,
  type Said,
  slowTop,
  slowValue,
} from './slow-reading.ts';
import { type Loaded, loadedKey, runNights } from './sql-nights.ts';

const NO_SEGMENTS = { rules: [], otherwise: 'x' };
/** Scores agree to this part of one. */
const NEAR = 1e-9;

interface Chosen {
  readonly definition: TagDefinition;
  readonly compiled: CompiledTags;
  readonly lake: LakeTag;
  /** The same meaning in the stream alone; of a batch tag that the stream could keep. */
  readonly streamed: CompiledTags | undefined;
}

const compiledOrNone = (definition: TagDefinition): CompiledTags | undefined => {
  try {
    return compileTags({ tags: [definition], segments: NO_SEGMENTS });
  } catch (refused) {
    if (refused instanceof ConfigRefused) return undefined;
    throw refused;
  }
};

const chosenOf = (random: Random, count: number): readonly Chosen[] => {
  const chosen = new Map<string, Chosen>();
  for (let place = 0; chosen.size < count; place += 1) {
    const definition = randomDefinition(random, place);
    const compiled = compiledOrNone(definition);
    const [lake] = compiled?.lake ?? [];
    if (compiled === undefined || lake === undefined) throw new Error(JSON.stringify(definition));
    const twin = { ...definition, source: 'stream' } as TagDefinition;
    const streamed = definition.source === 'batch' ? compiledOrNone(twin) : undefined;
    chosen.set(lake.version, { definition, compiled, lake, streamed });
  }
  return [...chosen.values()];
};

const FOLDED_AT_ONCE_MAX = 5;

/** In batches of any size, written and read between them. */
const foldAll = (random: Random, { folded }: CompiledTags, lines: readonly CountedLine[]): Tags => {
  let tags = noTags(folded, epochMs(0));
  for (let from = 0; from < lines.length; ) {
    const batch = lines.slice(from, from + 1 + below(random, FOLDED_AT_ONCE_MAX));
    from += batch.length;
    const newest = epochMs(Math.max(...batch.map(({ arrivedAt }) => arrivedAt)));
    const events = batch.map((line) => ({
      ...line,
      timestamp: epochMs(Date.parse(line.event.timestamp)),
      arrivedAt: epochMs(line.arrivedAt),
    }));
    tags = decodeTags(encodeTags(foldTags(tags, events, newest)), folded, newest);
  }
  return tags;
};

const saidBy = (served: ServedTag | undefined): Said => {
  if (served === undefined) return undefined;
  const { value } = served;
  if (value.type === 'string') return value.text;
  return value.type === 'instant' ? value.at : value.amount;
};

export interface Difference {
  readonly seed: number;
  readonly reading: string;
  readonly user: string;
  readonly definition: TagDefinition;
  readonly said: unknown;
  readonly slow: unknown;
}

export interface PairsResult {
  readonly pairs: number;
  readonly both: number;
  /** Of those, with events of the user on both sides of the cut. */
  readonly cutInside: number;
  /** Above a stated bound: the reading says so itself, and is not compared. */
  readonly partial: number;
  readonly differences: readonly Difference[];
}

interface User {
  readonly log: Log;
  readonly lines: readonly CountedLine[];
  /** What the second night had. */
  readonly landed: readonly CountedLine[];
  /** What arrived before its cut. */
  readonly beforeCut: readonly CountedLine[];
  readonly rows: readonly LakeRow[];
}

const userOf = (log: Log, cut: number, loaded: Loaded): User => {
  const { lines } = log;
  const has = (line: Log['lines'][number]): boolean =>
    line.landed.some(({ night }) => night !== undefined);
  return {
    log,
    lines: countedLines(lines),
    landed: countedLines(lines.filter(has)),
    beforeCut: countedLines(lines.filter(({ arrivedAt }) => arrivedAt < startOfUtcDay(cut))),
    rows: loaded.get(loadedKey(log)) ?? [],
  };
};

/** A decayed score is no whole number: two of them within its reach are one rank. */
const sameTop = (ranked: readonly Ranked[], said: Said): boolean => {
  const [best] = ranked;
  const found = ranked.find(({ name }) => name === said);
  if (best === undefined || found === undefined) return best?.name === said;
  return best.name === said || (best.score !== found.score && best.score - found.score < 2 * NEAR);
};

/** What of a definition a user's readings say, beside what they must. */
type Check = (reading: string, said: Said, slow: Said, served?: ServedTag) => void;

const compareBoth = (user: User, chosen: Chosen, cut: number, check: Check, random: Random) => {
  const { compiled, lake, definition } = chosen;
  const rows = user.rows.filter(({ version }) => version === lake.version);
  const tags = decodeOff(encodeOff(offFromRows(rows, [lake.version], [lake])), [lake]);
  const off: Off = { runId: 'run-1', cut, tags };
  const [alone] = readTags(noTags([], epochMs(0)), off, compiled.offered, NOW);
  const state = foldAll(random, compiled, user.lines);
  if (definition.source === 'batch') {
    const { measure } = definition;
    // What a window held when the night began; how long ago, when it is asked for.
    const asOf = measure.op === 'timeSince' ? NOW : startOfUtcDay(NIGHTS[1]);
    check('SQL', saidBy(alone), slowValue(definition, user.landed, asOf));
    return;
  }
  const sql = readTags(
    { states: noTags(compiled.folded, epochMs(0)).states, unknown: new Map() },
    off,
    compiled.offered,
    NOW,
  );
  check('SQL', saidBy(sql[0]), slowValue(definition, user.beforeCut, NOW));
  const [fused] = readTags(state, off, compiled.offered, NOW);
  check('fold and SQL', saidBy(fused), slowValue(definition, user.lines, NOW), fused);
  const [stream] = readTags(state, undefined, compiled.offered, NOW);
  check('fold', saidBy(stream), slowValue(definition, user.lines, NOW), stream);
};

const compareStreamed = (user: User, chosen: Chosen, check: Check, random: Random) => {
  const { streamed, definition } = chosen;
  if (streamed === undefined) return;
  const state = foldAll(random, streamed, user.lines);
  const [served] = readTags(state, undefined, streamed.offered, NOW);
  check('fold', saidBy(served), slowValue(definition, user.lines, NOW), served);
};

/** The rows of a `top` are its best three, each with its score. */
const compareScores = (user: User, { lake, definition }: Chosen): string | undefined => {
  if (definition.measure.op !== 'top') return undefined;
  const rows = user.rows.filter(({ version }) => version === lake.version);
  const ranked = slowTop(definition, user.landed, startOfUtcDay(NIGHTS[1]));
  if (rows.length !== Math.min(3, ranked.length)) return `${rows.length} names`;
  for (const { part, amount, score } of rows) {
    const slow = ranked.find(({ name }) => name === part)?.score;
    if (slow === undefined) return `${part} is no name`;
    const isSame =
      score === null
        ? amount === slow
        : Math.abs(score - slow) <= NEAR * Math.max(1, Math.abs(slow));
    if (!isSame) return `${part} ${amount} ${score} ${slow}`;
  }
  return undefined;
};

export interface PairsAsked {
  readonly seed: number;
  readonly definitions: number;
  readonly users: number;
}

export interface Prepared {
  readonly seed: number;
  readonly random: Random;
  readonly cut: number;
  readonly chosen: readonly Chosen[];
  readonly users: readonly User[];
}

/** Everything up to what was loaded: the slow part, which is SQL's. */
export const preparePairs = async ({ seed, definitions, users }: PairsAsked): Promise<Prepared> => {
  const random = randomsOf(seed).workload;
  const cuts = NIGHTS.map((night) => night - below(random, 2));
  const cut = cuts[1] ?? 0;
  const chosen = chosenOf(random, definitions);
  const logs = Array.from({ length: users }, (_, place) => randomLog(random, place, cuts));
  const loaded = await runNights({ logs, tags: chosen.map(({ lake }) => lake), cuts });
  return { seed, random, cut, chosen, users: logs.map((log) => userOf(log, cut, loaded)) };
};

/** `servedCut`: by which stream and nightly are fused; another one than the run's is a mistake. */
export const comparePrepared = (
  { seed, random, cut, chosen, users }: Prepared,
  servedCut = cut,
): PairsResult => {
  const differences: Difference[] = [];
  let [both, cutInside, partial] = [0, 0, 0];
  for (const user of users) {
    const isInside = user.beforeCut.length > 0 && user.lines.length > user.beforeCut.length;
    for (const each of chosen) {
      const { definition } = each;
      const tell = (reading: string, said: unknown, slow: unknown): void => {
        differences.push({ seed, reading, user: user.log.user, definition, said, slow });
      };
      const check: Check = (reading, said, slow, served) => {
        if (served?.partial === true) partial += 1;
        else if (said !== slow && !isNearTop(each, user, reading, said)) tell(reading, said, slow);
      };
      if (definition.source === 'both') both += 1;
      if (definition.source === 'both' && isInside) cutInside += 1;
      compareBoth(user, each, servedCut, check, random);
      compareStreamed(user, each, check, random);
      const wrong = compareScores(user, each);
      if (wrong !== undefined) tell('scores in SQL', wrong, undefined);
    }
  }
  return { pairs: users.length * chosen.length, both, cutInside, partial, differences };
};

export const comparePairs = async (asked: PairsAsked): Promise<PairsResult> =>
  comparePrepared(await preparePairs(asked));

const isNearTop = ({ definition }: Chosen, user: User, reading: string, said: Said): boolean => {
  if (definition.measure.op !== 'top') return false;
  const ranked =
    reading === 'SQL'
      ? slowTop(definition, user.landed, startOfUtcDay(NIGHTS[1]))
      : slowTop(definition, user.lines, NOW);
  return 'halfLife' in definition.measure && sameTop(ranked, said);
};
