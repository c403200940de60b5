import type { Figure } from './measure.ts';

export interface Sizes {
  readonly users: number;
  readonly medianBytes: number;
  readonly p99Bytes: number;
  readonly maxBytes: number;
}

export interface Results {
  readonly date: string;
  readonly machine: string;
  readonly node: string;
  readonly commit: string;
  /** By stage, then by events a request. */
  readonly eventPath: Readonly<Record<string, Readonly<Record<string, Figure>>>>;
  readonly state: {
    readonly simulator: Sizes & { readonly eventsApplied: number };
    readonly worst: {
      readonly bytes: number;
      readonly usersTried: number;
      readonly events: number;
    };
    readonly limitBytes: number;
  };
  readonly bundles: Readonly<Record<string, number>>;
}

const number = (value: number): string => value.toLocaleString('en-US');

const eventPathRows = ({ eventPath }: Results): readonly string[] =>
  Object.entries(eventPath).flatMap(([stage, bySize]) =>
    Object.entries(bySize).map(
      ([size, { cpuSecondsPerMillionEvents, eventsPerSecondPerCore, spread }]) =>
        `| ${stage} | ${size} | ${cpuSecondsPerMillionEvents} | ${number(eventsPerSecondPerCore)} | ± ${Math.round(spread * 50)} % |`,
    ),
  );

/** `docs/performance.md`, from the results alone: nobody edits it by hand. */
export const performanceDocument = (results: Results): string => {
  const { simulator, worst, limitBytes } = results.state;
  return `# Performance

Written by \`npm run bench\` from \`bench/results/event-path.json\`; do not edit by hand.
Measured ${results.date} at ${results.commit} on ${results.machine}, Node ${results.node}.
A ratio between two rows travels to another machine; a figure by itself does not.

## The pure event path

CPU time (user and system, \`process.cpuUsage\`) of one thread, median of 7 rounds after 2 of warm-up.
Events are the simulator's, in the shapes that the native door takes, each request of one user.
*decode and validate* is all that \`collect\` does between the body and the records, without keys,
HTTP and Kinesis; *enrich* reads, checks and extends the lines; *fold with dedupe* is all that
\`aggregate\` does to an item between two calls to DynamoDB: decode, judge, fold, effects, encode.

| stage | events a request | CPU seconds per million events | events/s per core | spread |
|---|---|---|---|---|
${eventPathRows(results).join('\n')}

## The state of a user

Bytes of the item \`rt\` without \`fx\` and keys, at most ${number(limitBytes)} by design.

| whose | median | p99 | max |
|---|---|---|---|
| ${number(simulator.users)} of 1,006 users of the simulator, who came in 60 s at 200 events/s (${number(simulator.eventsApplied)} events) | ${number(simulator.medianBytes)} | ${number(simulator.p99Bytes)} | ${number(simulator.maxBytes)} |
| the worst of ${number(worst.usersTried)} users made to fill every part (${number(worst.events)} events each) | | | ${number(worst.bytes)} |

## Bundles

| function | bytes, minified |
|---|---|
${Object.entries(results.bundles)
  .map(([name, bytes]) => `| ${name} | ${number(bytes)} |`)
  .join('\n')}
`;
};
