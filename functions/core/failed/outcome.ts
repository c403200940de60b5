import type { RawPosition } from '../event/event.ts';
import { outcomeKeyOf } from './failed-keys.ts';

/** What became of one redrive of a parked event. */
export interface RedriveOutcome {
  /** The key under which it was parked first. */
  readonly parked: RawPosition;
  /** Where the redriven event arrived. */
  readonly at: RawPosition;
  readonly arrivedAt: string;
  readonly outcome: 'applied' | 'duplicate';
}

export interface SmallObject {
  readonly key: string;
  readonly body: string;
}

export const outcomeObject = ({ parked, at, arrivedAt, outcome }: RedriveOutcome): SmallObject => ({
  key: outcomeKeyOf(parked, at),
  body: JSON.stringify({ outcome, arrivedAt, at }),
});
