/**
 * Executions on disk. One that runs has a journal: what it is, then every input that it was fed,
 * each written before anything comes of it. One that has ended is a line among the ended ones.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Ending, ExecutionFacts } from '../../engines/states/engine.ts';
import type { ExecutionInput } from '../../engines/states/execution.ts';
import { type ControlLog, openControlLog } from '../control-log.ts';

export interface Begun {
  readonly kind: 'begun';
  readonly facts: ExecutionFacts;
  /** It ends on the definition that it began on. */
  readonly definition: string;
}

export interface Fed {
  readonly kind: 'fed';
  readonly atMs: number;
  /** The random numbers that were drawn: fed again, the same are drawn. */
  readonly draws: readonly number[];
  readonly input: ExecutionInput;
}

export interface Ended {
  readonly facts: ExecutionFacts;
  readonly ending: Ending;
  readonly stoppedAtMs: number;
}

export interface Journal {
  readonly log: ControlLog<Begun | Fed>;
  readonly begun: Begun | undefined;
  readonly fed: readonly Fed[];
}

export interface Journals {
  readonly open: (executionName: string) => Journal;
  /** Of executions that were under way when the process ended. */
  readonly left: () => readonly Journal[];
  readonly ended: () => readonly Ended[];
  readonly endedNamed: (name: string) => Ended | undefined;
  readonly end: (journal: Journal, ended: Ended) => void;
  readonly close: () => void;
}

/** A name is taken for this long after its execution. */
const NAME_TAKEN_MS = 90 * 86_400_000;
/** Older ones keep their names and how they ended, and lose what they were given and what they gave. */
const DETAILED_MAX = 100;
export const ENDED_MAX = 10_000;
const LOG_BYTES_MAX = 64 * 1_048_576;

const withoutDetails = ({ facts, ending, stoppedAtMs }: Ended): Ended => ({
  facts: { ...facts, input: {} },
  ending: ending.status === 'SUCCEEDED' ? { ...ending, output: null } : ending,
  stoppedAtMs,
});

export const openJournals = (folder: string, now: () => number): Journals => {
  const running = join(folder, 'running');
  mkdirSync(running, { recursive: true });
  const ended = new Map<string, Ended>();
  const log = openControlLog<Ended>(join(folder, 'ended.log'), (one) =>
    ended.set(one.facts.name, one),
  );

  const isKept = ({ stoppedAtMs }: Ended): boolean => now() - stoppedAtMs < NAME_TAKEN_MS;

  const prune = (): void => {
    const kept = [...ended.values()]
      .filter(isKept)
      .slice(-ENDED_MAX)
      .map((one, at, all) => (at < all.length - DETAILED_MAX ? withoutDetails(one) : one));
    ended.clear();
    for (const one of kept) ended.set(one.facts.name, one);
    log.rewrite(kept);
  };
  prune();

  // A name may hold what no file's name may.
  const fileOf = (name: string): string =>
    join(running, `${createHash('sha256').update(name).digest('hex').slice(0, 32)}.log`);

  const open = (path: string): Journal => {
    let begun: Begun | undefined;
    const fed: Fed[] = [];
    const opened = openControlLog<Begun | Fed>(path, (entry) => {
      if (entry.kind === 'begun') begun = entry;
      else fed.push(entry);
    });
    return { log: opened, begun, fed };
  };

  const discard = (journal: Journal, path: string): void => {
    journal.log.close();
    if (existsSync(path)) rmSync(path);
  };

  return {
    open: (name) => open(fileOf(name)),
    left: () =>
      readdirSync(running)
        .filter((file) => file.endsWith('.log'))
        .flatMap((file) => {
          const journal = open(join(running, file));
          const { facts } = journal.begun ?? {};
          const past = ended.get(facts?.name ?? '')?.facts;
          if (facts !== undefined && past?.startedAtMs !== facts.startedAtMs) return [journal];
          discard(journal, join(running, file));
          return [];
        }),
    ended: () => [...ended.values()].filter(isKept),
    endedNamed: (name) => {
      const found = ended.get(name);
      return found !== undefined && isKept(found) ? found : undefined;
    },
    end: (journal, one) => {
      log.append([one]);
      // Last in the order of a map, too: a name may be used again.
      ended.delete(one.facts.name);
      ended.set(one.facts.name, one);
      discard(journal, fileOf(one.facts.name));
      if (ended.size > ENDED_MAX || log.bytes() > LOG_BYTES_MAX) prune();
    },
    close: () => log.close(),
  };
};
