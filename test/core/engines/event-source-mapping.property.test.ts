import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Invocation } from '../../../localstack/cloud.ts';
import type { MappingConfig } from '../../../localstack/engines/event-source-mapping/types.ts';
import { type Call, ERROR, failing, OK, THROTTLED, World } from './mapping-world.ts';

/**
 * The slow and obvious model: the stream as a list of (shard, sequence, key), and the set of what
 * is finished. Every call and every checkpoint is held against it.
 */
class Audited {
  readonly world: World;
  readonly order: { readonly sequence: string; readonly key: string; readonly shardId: string }[] =
    [];
  readonly poison = new Set<string>();
  #seen = 0;

  constructor(changes: Partial<MappingConfig>, random: () => number) {
    this.world = new World(changes, random);
  }

  put(key: string, shardId: string, poisonous: boolean): void {
    const sequence = this.world.put(key, shardId);
    this.order.push({ sequence, key, shardId });
    if (poisonous) this.poison.add(sequence);
  }

  /** Each new call: what precedes a record under its key is finished, or stands before it here. */
  audit(): void {
    for (const call of this.world.calls.slice(this.#seen)) this.#auditOrder(call);
    this.#seen = this.world.calls.length;
    const busy = [...this.world.out.values()].flatMap(({ sequences }) => [
      ...new Set(sequences.map((sequence) => this.#keyOf(sequence))),
    ]);
    expect(new Set(busy).size).toBe(busy.length);
    for (const [shardId, { sequence: reached }] of this.world.checkpoints)
      for (const { sequence } of this.order.filter((entry) => entry.shardId === shardId))
        if (reached !== null && sequence <= reached)
          expect(this.world.finished.has(sequence)).toBe(true);
  }

  #keyOf(sequence: string): string {
    return this.order.find((entry) => entry.sequence === sequence)?.key ?? '';
  }

  #auditOrder({ sequences }: Call): void {
    for (const [place, sequence] of sequences.entries()) {
      const mine = this.order.findIndex((entry) => entry.sequence === sequence);
      const earlier = this.order
        .slice(0, mine)
        .filter(({ key }) => key === this.order[mine]?.key)
        .map((entry) => entry.sequence);
      const before = new Set(sequences.slice(0, place));
      for (const one of earlier) expect(this.world.finished.has(one) || before.has(one)).toBe(true);
    }
  }

  answer(call: Call, choice: number, report: boolean): void {
    this.world.answer(call.id, this.#result(call, choice, report));
    this.audit();
  }

  #result(call: Call, choice: number, report: boolean): Invocation {
    const bad = call.sequences.findIndex((sequence) => this.poison.has(sequence));
    if (choice < 0.1) return THROTTLED;
    if (choice < 0.2) return ERROR;
    const failedFrom =
      choice < 0.4 && report ? Math.floor(choice * 1000) % call.sequences.length : bad;
    const lowest = bad === -1 ? failedFrom : Math.min(bad, failedFrom === -1 ? bad : failedFrom);
    if (lowest === -1) {
      for (const sequence of call.sequences) this.world.finished.add(sequence);
      return OK;
    }
    if (!report) return ERROR;
    for (const sequence of call.sequences.slice(0, lowest)) this.world.finished.add(sequence);
    return failing(call.sequences[lowest]);
  }
}

const seeded = (seed: number) => {
  let state = seed >>> 0;
  return (): number => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) >>> 0;
    return ((state ^ (state >>> 13)) >>> 0) / 2 ** 32;
  };
};

const scenario = fc.record({
  seed: fc.integer({ min: 1 }),
  lanes: fc.integer({ min: 1, max: 4 }),
  batchSize: fc.integer({ min: 1, max: 12 }),
  batchingWindowMs: fc.constantFrom(0, 0, 300),
  bisect: fc.boolean(),
  reportItemFailures: fc.boolean(),
  records: fc.integer({ min: 1, max: 60 }),
  keys: fc.integer({ min: 1, max: 6 }),
  poisonOf100: fc.constantFrom(0, 0, 5),
  crashOf100: fc.constantFrom(0, 4),
  reshards: fc.integer({ min: 0, max: 2 }),
});

const shardName = (index: number): string => `shardId-${String(index).padStart(12, '0')}`;

/** Splits every open shard in two or merges both, as a stream of one key ring would. */
const reshard = (audited: Audited): void => {
  const { shards } = audited.world;
  const open = [...shards.values()].filter(({ closed }) => !closed).map(({ shardId }) => shardId);
  for (const shardId of open) audited.world.close(shardId);
  const children = open.length === 1 ? 2 : 1;
  const from = shards.size;
  for (let index = 0; index < children; index += 1)
    audited.world.addShard(shardName(from + index), open);
};

const shardFor = (audited: Audited, key: string): string => {
  const open = [...audited.world.shards.values()].filter(({ closed }) => !closed);
  return open[Number(key) % open.length]?.shardId ?? '';
};

test('whatever fails: nothing is lost, keys keep their order, no checkpoint passes unfinished work', () => {
  fc.assert(
    fc.property(scenario, (given) => {
      const random = seeded(given.seed);
      const audited = new Audited(
        { ...given, retriesMax: 2, onFailureBucket: 'failed', startAtMs: 0 },
        random,
      );
      const { world } = audited;
      let left = given.records;
      let reshards = given.reshards;
      for (let steps = 0; steps < 4000; steps += 1) {
        if (left > 0 && random() < 0.5) {
          const key = String(Math.floor(random() * given.keys));
          audited.put(key, shardFor(audited, key), random() * 100 < given.poisonOf100);
          left -= 1;
        } else if (reshards > 0 && random() < 0.1) {
          reshard(audited);
          reshards -= 1;
        }
        if (random() * 100 < given.crashOf100 && steps < 250) world.crash();
        if (random() < 0.7) world.look();
        const out = [...world.out.values()];
        const call = out[Math.floor(random() * out.length)];
        if (call === undefined) world.nowMs += 200;
        else audited.answer(call, steps < 600 ? random() : 1, given.reportItemFailures);
        audited.audit();
        if (left === 0 && steps > 250 && world.out.size === 0 && world.engine.idle()) break;
      }
      expect(world.engine.idle()).toBe(true);
      const missing = audited.order.filter(({ sequence }) => !world.finished.has(sequence));
      expect(missing).toEqual([]);
    }),
    { numRuns: 100 },
  );
});

test('with bisect and no other fault, what is discarded is the poison, each record alone', () => {
  fc.assert(
    fc.property(
      fc.array(fc.boolean(), { minLength: 1, maxLength: 60 }),
      fc.integer({ min: 1, max: 20 }),
      fc.integer({ min: 0, max: 2 }),
      fc.boolean(),
      (poisonous, batchSize, retriesMax, reportItemFailures) => {
        const audited = new Audited(
          { batchSize, retriesMax, bisect: true, reportItemFailures, onFailureBucket: 'failed' },
          seeded(1),
        );
        for (const poison of poisonous) audited.put('k', shardName(0), poison);
        audited.world.look();
        for (let steps = 0; steps < 5000 && !audited.world.engine.idle(); steps += 1) {
          const [call] = audited.world.out.values();
          if (call !== undefined) audited.answer(call, 1, reportItemFailures);
          else {
            audited.world.nowMs += 200;
            audited.world.look();
          }
        }
        expect(audited.world.kept.map(({ sequences }) => sequences)).toEqual(
          audited.order.filter((_, index) => poisonous[index]).map(({ sequence }) => [sequence]),
        );
      },
    ),
    { numRuns: 100 },
  );
});
