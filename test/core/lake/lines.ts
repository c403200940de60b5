/** Lines of `enriched/`, and what the lake must tell of them: slow and obvious. */
import type { LandedLine } from '../../support/lake-tables.ts';

export interface LineParts {
  readonly n: number;
  readonly user?: string;
  /** `2026-11-21T10:00` */
  readonly arrived: string;
  readonly happened?: string;
  readonly eventId?: string;
  readonly name?: string;
  readonly orderId?: string;
  readonly lookups?: number;
  readonly stub?: boolean;
  readonly properties?: object;
}

const instant = (minute: string): string => `${minute}:00.000Z`;

export const lineOf = (parts: LineParts): string => {
  const { n, user = 'u', arrived, happened = arrived, name = 'Product Viewed', orderId } = parts;
  const at = {
    stream: '0123abcd',
    shard: 'shardId-000000000000',
    sequence: `${9_990 + n}`,
    index: 0,
  };
  const arrivedAt = instant(arrived);
  if (parts.stub === true)
    return JSON.stringify({ stub: 1, partitionKey: `main#${user}`, at, arrivedAt, reason: 'bug' });
  const signs: Readonly<Record<string, number>> = { 'Order Completed': 1, 'Order Cancelled': -1 };
  const orders = signs[name] ?? 0;
  const isOrder = name.startsWith('Order ');
  return JSON.stringify({
    ...{ schemaVersion: '1', tenant: 'main', eventId: parts.eventId ?? `e-${n}`, kind: 'track' },
    ...{ name, userId: user, timestamp: instant(happened), properties: parts.properties ?? {} },
    ...(isOrder && { commerce: { orders, revenueMicros: orders * 5_000_000, orderId } }),
    ...{ traits: {}, context: {}, enrichment: { categoryVector: ['TECH'] } },
    ...{ at, arrivedAt, lookups: parts.lookups ?? 1 },
  });
};

/** Under the day of its arrival. */
export const landedOf = (parts: LineParts, dt = parts.arrived.slice(0, 10)): LandedLine => ({
  dt,
  line: lineOf(parts),
});

export const byText = (left: string, right: string): number =>
  left < right ? -1 : left > right ? 1 : 0;

const DAY_MS = 86_400_000;
const REACH_DAYS = 30;

interface Told extends LineParts {
  readonly day: number;
}

/** `sequence dup again stub` of each key, as the design says it. */
export const flagsOf = (all: readonly LineParts[]): readonly string[] => {
  const byKey = new Map<number, Told>();
  for (const parts of all) {
    const held = byKey.get(parts.n);
    const rank = ({ stub, lookups = 1 }: LineParts): number => (stub ? 1e6 : lookups);
    if (held === undefined || rank(parts) < rank(held))
      byKey.set(parts.n, { ...parts, day: Math.floor(Date.parse(`${parts.arrived}Z`) / DAY_MS) });
  }
  const ordered = [...byKey.values()].sort((a, b) =>
    a.arrived === b.arrived ? a.n - b.n : a.arrived < b.arrived ? -1 : 1,
  );
  const flags = new Map<Told, { dup: boolean; again: boolean }>();
  const precedes = (one: Told, holds: (other: Told) => boolean): boolean =>
    ordered
      .slice(0, ordered.indexOf(one))
      .some((other) => one.day - other.day <= REACH_DAYS && !other.stub && holds(other));
  for (const one of ordered) {
    const { n, user = 'u', eventId = `e-${n}`, name, orderId, stub = false } = one;
    const isMine = (other: Told): boolean => (other.user ?? 'u') === user;
    const dup =
      !stub &&
      precedes(one, (other) => {
        const id = other.eventId ?? `e-${other.n}`;
        return isMine(other) && id === eventId && flags.get(other)?.dup === false;
      });
    const counts = !stub && !dup && orderId !== undefined && name !== 'Order Refunded';
    const again =
      counts &&
      precedes(one, (other) => {
        const mark = flags.get(other);
        const isSame = other.name === name && other.orderId === orderId;
        return isMine(other) && isSame && mark?.dup === false && !mark.again;
      });
    flags.set(one, { dup, again });
  }
  return [...flags]
    .map(([{ n, stub = false }, { dup, again }]) => `${9_990 + n} ${dup} ${again} ${stub}`)
    .sort(byText);
};
