import type { RawPosition } from '../event/event.ts';
import { knowsPart, rememberPart } from './batch-memory.ts';
import { advanced } from './fence.ts';
import { RING_IDS_MAX, rememberIn } from './id-ring.ts';
import type { Envelope, EventLine, Line, ParkedLine } from './line.ts';
import type { Memory } from './memory.ts';
import { ORDERS_MAX, orderHash } from './orders.ts';
import { isBelowFloor, rememberParked, takeOutParked } from './parked.ts';
import { keyText } from './position.ts';

export type Verdict =
  | { readonly kind: 'applied'; readonly line: EventLine; readonly orderCounts: boolean }
  | { readonly kind: 'duplicate'; readonly line: EventLine }
  | { readonly kind: 'parked'; readonly line: ParkedLine };

/** Known before this envelope, or met in it already. */
interface Met {
  readonly ids: Set<number>;
  readonly orders: Set<number>;
  readonly redriven: Set<string>;
}

const oldKeyOf = ({ event }: EventLine): RawPosition | undefined => event.ingest.redrive;

/**
 * A redriven event names its old key and is new only if that key is among the parked ones; one that
 * may have been forgotten is judged like a client's copy. Even a listed one is a copy when the
 * client has sent it again meanwhile.
 */
const isCopy = (memory: Memory, met: Met, line: EventLine): boolean => {
  const isKnownId = memory.ring.includes(line.idHash) || met.ids.has(line.idHash);
  const oldKey = oldKeyOf(line);
  if (oldKey !== undefined) {
    const key = keyText(oldKey);
    const isListed = memory.parked.keys.has(key) && !met.redriven.has(key);
    met.redriven.add(key);
    if (isListed) return isKnownId;
    if (!isBelowFloor(memory.parked, oldKey)) return true;
  }
  return isKnownId || knowsPart(memory.batches, line.batch);
};

const orderCounts = (memory: Memory, met: Met, line: EventLine): boolean => {
  const order = orderHash(line.event);
  if (order === undefined) return true;
  if (memory.orders.includes(order) || met.orders.has(order)) return false;
  met.orders.add(order);
  return true;
};

/** What becomes of each line of an envelope that is above its fence. */
export const judgeEnvelope = (memory: Memory, lines: readonly Line[]): readonly Verdict[] => {
  const met: Met = { ids: new Set(), orders: new Set(), redriven: new Set() };
  return lines.map((line): Verdict => {
    if (line.kind === 'parked') return { kind: 'parked', line };
    if (isCopy(memory, met, line)) return { kind: 'duplicate', line };
    met.ids.add(line.idHash);
    return { kind: 'applied', line, orderCounts: orderCounts(memory, met, line) };
  });
};

/** What the memory is once the envelope has had its effects. */
export const rememberEnvelope = (
  memory: Memory,
  { position }: Envelope,
  verdicts: readonly Verdict[],
): Memory => {
  const batches = [...memory.batches];
  const ring = [...memory.ring];
  const orders = [...memory.orders];
  let parked = memory.parked;
  for (const verdict of verdicts) {
    if (verdict.kind === 'parked') {
      parked = rememberParked(parked, verdict.line.at);
      continue;
    }
    const { line } = verdict;
    rememberPart(batches, line.batch);
    const oldKey = oldKeyOf(line);
    if (oldKey !== undefined) parked = takeOutParked(parked, keyText(oldKey));
    if (verdict.kind === 'duplicate') continue;
    rememberIn(ring, line.idHash, RING_IDS_MAX);
    const order = orderHash(line.event);
    if (order !== undefined) rememberIn(orders, order, ORDERS_MAX);
  }
  return { fences: advanced(memory.fences, position), batches, ring, orders, parked };
};
