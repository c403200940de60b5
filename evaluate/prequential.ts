/**
 * The protocol: acts in the order of time; each of the part is asked for, then learnt. With `frozen`
 * nothing of the part is learnt, which is the plain split by time.
 */
import { type Act, type DataSet, inPart, type Part, type Target } from './act.ts';
import type { UserSum } from './bootstrap.ts';
import { foundIn, RANKED_MAX } from './metrics.ts';
import type { Question, Ranker } from './ranker.ts';
import { type Shown, shown, type Variety } from './variety.ts';

export interface Protocol {
  readonly data: DataSet;
  readonly part: Part;
  readonly rankers: readonly Ranker[];
  readonly frozen: boolean;
  /** Milliseconds, of any origin. */
  readonly clock: () => number;
}

export interface Outcome {
  readonly ranker: string;
  readonly target: string;
  readonly questions: number;
  /** By user, in the order of their first question. */
  readonly hits: readonly UserSum[];
  readonly ndcgs: readonly UserSum[];
  readonly variety: Variety;
  /** Of each question, by size. */
  readonly milliseconds: readonly number[];
}

interface Tally {
  readonly hits: Map<string, UserSum>;
  readonly ndcgs: Map<string, UserSum>;
  readonly shown: Shown;
  readonly milliseconds: number[];
}

const add = (sums: Map<string, UserSum>, user: string, value: number): void => {
  const { sum, count } = sums.get(user) ?? { sum: 0, count: 0 };
  sums.set(user, { sum: sum + value, count: count + 1 });
};

/** How often each item was had before the part. */
const knownBefore = ({ data, part }: Protocol): ReadonlyMap<string, number> => {
  const known = new Map<string, number>();
  for (const act of data.acts) {
    if (act.at >= part.from) break;
    for (const item of act.items) known.set(item, (known.get(item) ?? 0) + 1);
  }
  return known;
};

const NONE: ReadonlySet<string> = new Set();

const ask = (
  { clock }: Protocol,
  ranker: Ranker,
  {
    question,
    wanted,
    tally,
  }: Readonly<{ question: Question; wanted: ReadonlySet<string>; tally: Tally }>,
): void => {
  const rank = ranker.prepare(question);
  const begun = clock();
  const ranked = rank();
  tally.milliseconds.push(clock() - begun);
  const found = foundIn(ranked.slice(0, RANKED_MAX), wanted);
  add(tally.hits, question.user, found.hit);
  add(tally.ndcgs, question.user, found.ndcg);
  tally.shown.add(ranked.map(([item]) => item));
};

const wantedOf = (act: Act, had: ReadonlySet<string>, { newOnly }: Target): ReadonlySet<string> =>
  new Set(newOnly ? act.items.filter((item) => !had.has(item)) : act.items);

const outcomeOf = (ranker: string, target: string, tally: Tally): Outcome => ({
  ranker,
  target,
  questions: tally.milliseconds.length,
  hits: [...tally.hits.values()],
  ndcgs: [...tally.ndcgs.values()],
  variety: tally.shown.variety(),
  milliseconds: tally.milliseconds.toSorted((left, right) => left - right),
});

/** What each ranker found of each target; rankers in their order, each with the targets in theirs. */
export const evaluatePart = (protocol: Protocol): readonly Outcome[] => {
  const { data, part, rankers, frozen } = protocol;
  const known = knownBefore(protocol);
  const tallies = rankers.flatMap((ranker) =>
    data.targets.map((target) => ({
      ranker,
      target,
      tally: {
        hits: new Map(),
        ndcgs: new Map(),
        shown: shown(data.items, known),
        milliseconds: [],
      } satisfies Tally as Tally,
    })),
  );
  const had = new Map<string, Set<string>>();
  for (const act of data.acts) {
    if (act.at >= part.to) break;
    const mine = had.get(act.user) ?? new Set();
    had.set(act.user, mine);
    const asks = inPart(part, act.at);
    for (const { ranker, target, tally } of asks ? tallies : []) {
      if (mine.size === 0 && (target.newOnly || data.knownOnly)) continue;
      const wanted = wantedOf(act, mine, target);
      if (wanted.size === 0) continue;
      const question = { user: act.user, at: act.at, exclude: target.newOnly ? mine : NONE };
      ask(protocol, ranker, { question, wanted, tally });
    }
    if (asks && frozen) continue;
    for (const item of act.items) mine.add(item);
    for (const ranker of rankers) ranker.learn(act);
  }
  return tallies.map(({ ranker, target, tally }) => outcomeOf(ranker.name, target.name, tally));
};
