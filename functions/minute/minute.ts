/** What is done once a minute: steps that know nothing of each other. */

export interface Step {
  readonly name: string;
  /** The metric that counts its failures; an alarm watches it. */
  readonly failures: string;
  /** Stops starting work at the deadline, and leaves the rest to the next minute. */
  readonly run: (deadlineMs: number) => Promise<void>;
}

export interface MinutePorts {
  readonly steps: readonly Step[];
  readonly now: () => number;
  readonly report: {
    readonly failed: (step: Step, fault: unknown) => void;
  };
}

export interface Remaining {
  readonly getRemainingTimeInMillis: () => number;
}

/** Nothing is started in the last 30 % of a call, so that what runs can finish. */
const START_SHARE = 0.7;

export class StepsFailed extends Error {
  override readonly name = 'StepsFailed';
}

/** Each step runs, whatever becomes of the others; the call fails where one did. */
export const minute =
  ({ steps, now, report }: MinutePorts) =>
  async (_: unknown, context: Remaining): Promise<void> => {
    const deadlineMs = now() + START_SHARE * context.getRemainingTimeInMillis();
    const failed: string[] = [];
    await Promise.all(
      steps.map(async (step) => {
        try {
          await step.run(deadlineMs);
        } catch (fault) {
          report.failed(step, fault);
          failed.push(step.name);
        }
      }),
    );
    if (failed.length > 0) throw new StepsFailed(failed.join(', '));
  };
