/** One schedule at work: fires its function, and remembers on disk what is over. */
import type { FunctionInvoker, Invocation } from '../../cloud.ts';
import {
  type Occurrence,
  type ScheduleInput,
  type ScheduleState,
  scheduleFrom,
  scheduleStep,
} from '../../engines/scheduler.ts';
import { readJsonFile, writeJsonFile } from '../json-file.ts';
import type { ScheduleSpec } from './schedule-properties.ts';

export interface ScheduleOptions {
  readonly spec: ScheduleSpec;
  readonly path: string;
  readonly clock: { readonly now: () => number };
  readonly random: () => number;
  readonly invoker: FunctionInvoker;
  readonly report: (fault: unknown) => void;
}

/** What replaces `<aws.scheduler.…>` in the input of a target. */
const contextOf = (
  occurrence: Occurrence,
  spec: ScheduleSpec,
): Readonly<Record<string, string>> => ({
  '<aws.scheduler.schedule-arn>': spec.name,
  '<aws.scheduler.scheduled-time>': new Date(occurrence.dueMs).toISOString().replace('.000', ''),
  '<aws.scheduler.execution-id>': `${spec.group}-${spec.name}-${occurrence.dueMs}`,
  '<aws.scheduler.attempt-number>': String(occurrence.attempts + 1),
});

const payloadOf = (occurrence: Occurrence, spec: ScheduleSpec): string =>
  Object.entries(contextOf(occurrence, spec)).reduce(
    (text, [placeholder, value]) => text.replaceAll(placeholder, value),
    spec.payload,
  );

export class Schedule {
  private readonly options: ScheduleOptions;
  private state: ScheduleState;
  private work: Promise<void> = Promise.resolve();

  constructor(options: ScheduleOptions) {
    this.options = options;
    this.state = readJsonFile<ScheduleState>(options.path) ?? scheduleFrom(options.clock.now());
    writeJsonFile(options.path, this.state);
  }

  get spec(): ScheduleSpec {
    return this.options.spec;
  }

  /** Fires what is due. Calls queue up behind each other. */
  tick(): Promise<void> {
    this.work = this.work.then(() => this.fireDue()).catch(this.options.report);
    return this.work;
  }

  private step(input: ScheduleInput): Occurrence | undefined {
    const { clock, random, path, spec, report } = this.options;
    const context = { nowMs: clock.now(), random };
    const { state, fire, dropped } = scheduleStep(this.state, input, spec.config, context);
    // Before the call: a kill in between calls again, which is what at least once means.
    if (state !== this.state) writeJsonFile(path, state);
    this.state = state;
    if (dropped !== undefined) report(new Error(`${spec.name}: gave up what was due`));
    return fire;
  }

  private async fireDue(): Promise<void> {
    const fire = this.step({ kind: 'tick' });
    if (fire === undefined) return;
    const { invoker, spec } = this.options;
    const invocation = await invoker
      .invoke(spec.functionName, payloadOf(fire, spec))
      .catch((fault: unknown): Invocation => ({ payload: String(fault), error: 'unhandled' }));
    this.step({ kind: invocation.error === undefined ? 'taken' : 'refused' });
  }
}
