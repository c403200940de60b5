import { failedObjects } from '../../functions/adapters/failed-object.ts';
import { outcomeObject } from '../../functions/core/failed/outcome.ts';
import type {
  FailedEvent,
  FailedStore,
  RedriveOutcomes,
} from '../../functions/ports/failed-store.ts';
import type { Faults } from './faults.ts';
import { type Process, WorldFault } from './process.ts';

const TODAY = '2026-11-24';

/** The failed bucket: what is parked again under its key overwrites. */
export class FailedModel {
  readonly events = new Map<string, FailedEvent>();
  /** What became of each redrive, by the key of its object. */
  readonly outcomes = new Map<string, string>();
  readonly #faults: Faults;

  constructor(faults: Faults) {
    this.#faults = faults;
  }

  port(process: Process): FailedStore {
    return {
      park: async (events) => {
        const fails = this.#faults.happens('park fails before its effect', 3);
        const isLost = this.#faults.happens('park happens, its answer is lost', 3);
        await process.call('park', () => {
          if (!fails) for (const event of events) this.#keep(event);
        });
        if (fails || isLost) throw new WorldFault('park failed');
      },
    };
  }

  outcomesPort(process: Process): RedriveOutcomes {
    return {
      tell: async (outcomes) => {
        await process.call('tell', () => {
          for (const outcome of outcomes)
            this.outcomes.set(outcomeObject(outcome).key, outcome.outcome);
        });
      },
    };
  }

  #keep(event: FailedEvent): void {
    for (const { key } of failedObjects([event], TODAY)) {
      const at = event.at === undefined ? `/${this.events.size}` : '';
      this.events.set(`${key}${at}`, event);
    }
  }
}
