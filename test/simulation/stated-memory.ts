import type { EnrichedEvent, RawPosition } from '../../functions/core/event/event.ts';
import type { Bound } from './faults.ts';

/** A line of the enriched stream as the auditor reads it. */
export type ReadLine = { readonly at: RawPosition; readonly arrivedAt: string } & (
  | { readonly stub: true }
  | { readonly stub: false; readonly event: EnrichedEvent }
);

export type Kind = 'applied' | 'duplicate' | 'parked';
export interface Fate {
  readonly kind: Kind;
  /** False for an order that an older event has told. */
  readonly orderCounts: boolean;
}

const BATCHES = 32;
const IDS = 128;
const PARKED = 8;
const ORDERS = 16;

export const keyOf = ({ shard, sequence, index }: RawPosition): string =>
  `${shard}/${sequence.padStart(56, '0')}/${String(index).padStart(5, '0')}`;

const orderIn = ({ name, commerce }: EnrichedEvent): string | undefined =>
  commerce?.orderId === undefined || name === 'Order Refunded'
    ? undefined
    : `${name}/${commerce.orderId}`;

/**
 * What users are promised of copies, in plain lists: known while it is cut alike within the last 32
 * requests, or within the last 128 events however it is cut; redriven once, by the last 8 parked.
 */
export class StatedMemory {
  #batches: { readonly id: string; readonly parts: Set<number> }[] = [];
  #ids: string[] = [];
  #orders: string[] = [];
  #parked: string[] = [];
  #floor = '';
  readonly #hit: (bound: Bound) => void;

  constructor(hit: (bound: Bound) => void) {
    this.#hit = hit;
  }

  /** The lines of one raw record, in their order. */
  fatesOf(lines: readonly ReadLine[]): readonly Fate[] {
    const here = new Set<string>();
    const orders = new Set(this.#orders);
    const fates = lines.map((line): Fate => {
      if (line.stub) return { kind: 'parked', orderCounts: false };
      if (this.#isCopy(line.event, here)) return { kind: 'duplicate', orderCounts: false };
      here.add(line.event.eventId);
      const order = orderIn(line.event);
      const orderCounts = order === undefined || !orders.has(order);
      if (order !== undefined) orders.add(order);
      return { kind: 'applied', orderCounts };
    });
    for (const [place, line] of lines.entries())
      this.#remember(line, fates[place]?.kind === 'applied');
    return fates;
  }

  #isCopy({ eventId, ingest }: EnrichedEvent, here: ReadonlySet<string>): boolean {
    const isKnown = this.#ids.includes(eventId) || here.has(eventId);
    if (ingest.redrive !== undefined) {
      const old = keyOf(ingest.redrive);
      if (this.#parked.includes(old)) return isKnown;
      if (old > this.#floor) return true;
    }
    const batch = this.#batches.find(({ id }) => id === ingest.batchId);
    return isKnown || (batch?.parts.has(ingest.part) ?? false);
  }

  #remember(line: ReadLine, isApplied: boolean): void {
    if (line.stub) {
      this.#parked.push(keyOf(line.at));
      for (const forgotten of this.#parked.splice(0, this.#parked.length - PARKED)) {
        this.#hit('bound of the parked keys exceeded');
        if (forgotten > this.#floor) this.#floor = forgotten;
      }
      return;
    }
    const { eventId, ingest } = line.event;
    const batch = this.#batches.find(({ id }) => id === ingest.batchId);
    if (batch === undefined)
      this.#batches.push({ id: ingest.batchId, parts: new Set([ingest.part]) });
    else batch.parts.add(ingest.part);
    if (this.#batches.length > BATCHES) {
      this.#hit('bound of the batch memory exceeded');
      this.#batches = this.#batches.slice(-BATCHES);
    }
    const { redrive } = ingest;
    if (redrive !== undefined) this.#parked = this.#parked.filter((key) => key !== keyOf(redrive));
    if (!isApplied) return;
    const order = orderIn(line.event);
    if (order !== undefined && !this.#orders.includes(order))
      this.#orders = [...this.#orders, order].slice(-ORDERS);
    this.#ids.push(eventId);
    if (this.#ids.length > IDS) {
      this.#hit('bound of the ring exceeded');
      this.#ids = this.#ids.slice(-IDS);
    }
  }
}
