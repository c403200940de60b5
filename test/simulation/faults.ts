import type { Random } from './random.ts';

/** What the world does to a call or to a process; each must have fired before a run may pass. */
export const FAULT_KINDS = [
  'put fails before its effect',
  'put happens, its answer is lost',
  'put is partial',
  'put happens twice',
  'put happens after its caller gave up',
  'put is slow',
  'stream is away',
  'spill fails before its effect',
  'spill happens, its answer is lost',
  'spill is partial',
  'message is delivered twice',
  'load is stale',
  'load fails',
  'save fails before its effect',
  'save happens, its answer is lost',
  'save happens twice, the second sees a conflict',
  'save happens after its caller gave up',
  'timeline row fails before its effect',
  'timeline row is put, its answer is lost',
  'timeline row is put after its caller gave up',
  'row load is stale',
  'row load fails',
  'row save fails before its effect',
  'row save happens, its answer is lost',
  'row save happens twice, the second sees a conflict',
  'row save happens after its caller gave up',
  'shard of the table rolls',
  'park fails before its effect',
  'park happens, its answer is lost',
  'function is killed',
  'function times out and lives on',
  'function is throttled',
  'function answers into the void',
  'mapping starts anew at its checkpoint',
  'mapping is made anew at TRIM_HORIZON',
  'shard splits',
  'shards merge',
  'poison record',
  'bug in enrich',
  'delivery fails and is tried again',
  'delivery starts anew at its positions',
  'object is delivered twice',
  'object is delivered late',
  'run is stopped',
  'run is started twice',
  'start of a run fails before its effect',
  'run is started, the answer is lost',
  'read of a run fails',
  'write of a run fails before its effect',
  'write of a run happens, its answer is lost',
  'statement fails before its effect',
  'statement happens, its end is lost',
  'statement happens after its caller gave up',
  'load of a user fails before its effect',
  'load of a user happens, its answer is lost',
  'load of a user happens after its caller gave up',
] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

/** Branches and bounds that are rare without being faults. */
export const BRANCHES = [
  'resent verbatim',
  'resent in other cuts',
  'resent with other bytes',
  'request refused with 503',
  'breaker is open',
  'event spilled',
  'event drained',
  'event rejected',
  'request of more than 64 events',
  'redriven twice',
  'lost race',
  'lost race for a row',
  'night is loaded',
] as const;
export type Branch = (typeof BRANCHES)[number];

/** What a profile keeps is bounded: beyond a bound the auditor expects what is stated there. */
export const BOUNDS = [
  'bound of the batch memory exceeded',
  'bound of the ring exceeded',
  'bound of the parked keys exceeded',
  'bound of the tiles exceeded',
  'bound of the interests exceeded',
  'bound of the sessions exceeded',
  'bound of a write exceeded',
  'counted twice, as stated',
] as const;
export type Bound = (typeof BOUNDS)[number];

export type Happening = FaultKind | Branch | Bound;

export type Counts = Map<string, number>;

export class Faults {
  readonly counts: Counts;
  /** Off once the workload is over: from then on the platform must come to rest. */
  on: boolean;
  readonly #planned: FaultKind[] = [];
  readonly #random: Random;
  readonly #rate: number;

  constructor(random: Random, rate: number, counts: Counts = new Map()) {
    this.#random = random;
    this.#rate = rate;
    this.counts = counts;
    this.on = rate > 0;
  }

  count(what: Happening): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + 1);
  }

  /** The next call that asks for it meets it: for histories that are written by hand. */
  plan(...kinds: readonly FaultKind[]): void {
    this.#planned.push(...kinds);
  }

  /** True as often as `share` of the rate of this seed says; the draw is made in any case. */
  happens(kind: FaultKind, share = 1): boolean {
    const drawn = this.#random();
    const planned = this.#planned.indexOf(kind);
    if (planned >= 0) {
      this.#planned.splice(planned, 1);
      this.count(kind);
      return true;
    }
    if (!this.on || drawn >= this.#rate * share) return false;
    this.count(kind);
    return true;
  }

  draw(): number {
    return this.#random();
  }
}
