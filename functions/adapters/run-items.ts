/** Rows of runs as DynamoDB's attributes and back. What lists there are lie in one text of JSON. */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { invariant } from '../core/invariant.ts';
import {
  type Flight,
  type LoadedRun,
  RUN_STATUSES,
  type Run,
  type RunSizes,
  runTtl,
} from '../core/nightly/run.ts';
import { type EpochMs, epochMs } from '../core/time.ts';
import type { RunChange } from '../ports/run-store.ts';

type Attributes = Record<string, AttributeValue>;
type Item = Readonly<Attributes> | undefined;

const text = (value: string): AttributeValue => ({ S: value });
const number = (value: number): AttributeValue => ({ N: String(value) });

const textIn = (item: Readonly<Attributes>, name: string): string => {
  const value = item[name]?.S;
  invariant(value !== undefined, `attribute ${name} of a run is a text`);
  return value;
};

const numberIn = (item: Readonly<Attributes>, name: string): number => {
  const value = Number(item[name]?.N);
  invariant(Number.isSafeInteger(value), `attribute ${name} of a run is a whole number`);
  return value;
};

const instantIn = (item: Readonly<Attributes>, name: string): EpochMs | undefined =>
  item[name] === undefined ? undefined : epochMs(numberIn(item, name));

export const flightToItem = ({ input, takenAt }: Flight): Attributes => ({
  runId: text(input.runId),
  attempt: number(input.attempt),
  versions: text(JSON.stringify(input.versions ?? [])),
  takenAt: number(takenAt),
});

export const itemToFlight = (item: Item): Flight | undefined =>
  item && {
    input: {
      runId: textIn(item, 'runId'),
      attempt: numberIn(item, 'attempt'),
      versions: JSON.parse(textIn(item, 'versions')),
    },
    takenAt: epochMs(numberIn(item, 'takenAt')),
  };

/** Members that a run need not have are attributes that its row need not have. */
const changed = ({ status, step, rows, ended, cut, error, sizes }: RunChange): Attributes => ({
  ...(status !== undefined && { status: text(status) }),
  ...(step !== undefined && { step: text(step) }),
  ...(rows !== undefined && { rows: number(rows) }),
  ...(ended !== undefined && { ended: number(ended) }),
  ...(cut !== undefined && { cut: text(cut) }),
  ...(error !== undefined && { error: text(error) }),
  ...(sizes !== undefined && { sizes: text(JSON.stringify(sizes)) }),
});

export const changeToItem = (change: RunChange) => {
  const entries = Object.entries(changed(change));
  return {
    assignments: entries.map(([name]) => `#${name} = :${name}`).join(', '),
    names: Object.fromEntries(entries.map(([name]) => [`#${name}`, name])),
    values: Object.fromEntries(entries.map(([name, value]) => [`:${name}`, value])),
  };
};

export const runToItem = (run: Run): Attributes => ({
  runId: text(run.runId),
  attempt: number(run.attempt),
  versions: text(JSON.stringify(run.versions)),
  accepted: { BOOL: run.accepted },
  started: number(run.started),
  ttl: number(runTtl(run.started)),
  ...changed(run),
});

export const itemToRun = (item: Item): Run | undefined => {
  if (item === undefined) return undefined;
  const status = RUN_STATUSES.find((each) => each === item.status?.S);
  invariant(status !== undefined, 'a run has one of the states');
  return {
    runId: textIn(item, 'runId'),
    attempt: numberIn(item, 'attempt'),
    versions: JSON.parse(textIn(item, 'versions')) as readonly string[],
    accepted: item.accepted?.BOOL === true,
    status,
    step: textIn(item, 'step'),
    rows: numberIn(item, 'rows'),
    started: epochMs(numberIn(item, 'started')),
    ended: instantIn(item, 'ended'),
    cut: item.cut?.S,
    error: item.error?.S,
    sizes: item.sizes?.S === undefined ? undefined : (JSON.parse(item.sizes.S) as RunSizes),
  };
};

export const loadedToItem = ({ listed, ...loaded }: LoadedRun): Attributes => ({
  runId: text(loaded.runId),
  cut: text(loaded.cut),
  firstDay: text(loaded.firstDay),
  filled: text(JSON.stringify(loaded.filled)),
  nights: text(JSON.stringify(loaded.nights)),
  ...(listed !== undefined && { listed: text(listed) }),
});

export const itemToLoaded = (item: Item): LoadedRun | undefined =>
  item && {
    runId: textIn(item, 'runId'),
    cut: textIn(item, 'cut'),
    firstDay: textIn(item, 'firstDay'),
    listed: item.listed?.S,
    filled: JSON.parse(textIn(item, 'filled')) as readonly string[],
    nights: JSON.parse(textIn(item, 'nights')) as LoadedRun['nights'],
  };
