/**
 * A fault door makes one function of the local platform fail on purpose, and for a time: a row of
 * the table `records`, read only where FAULT_DOORS=on, which no template sets.
 */
export const DOOR_PORTS = ['stream', 'profiles', 'records', 'cache', 'spill', 'failed'] as const;
export type DoorPort = (typeof DOOR_PORTS)[number];

/** What has a door, by function; `events` throws out of the core for the events that are named. */
export const DOORS = {
  collect: ['stream', 'spill', 'records', 'failed'],
  drain: ['stream'],
  enrich: ['events', 'stream', 'failed'],
  aggregate: ['events', 'profiles', 'records', 'failed'],
  project: ['cache'],
  profile: ['cache', 'profiles'],
  personalize: ['cache', 'profiles'],
} as const satisfies Readonly<Record<string, readonly (DoorPort | 'events')[]>>;

export type PortFault =
  | { readonly kind: 'fail' | 'throttle' }
  | { readonly kind: 'slow'; readonly ms: number };

export interface FaultDoor {
  /** Epoch ms; from then on the door is shut. */
  readonly until: number;
  /** Ids of the events that throw. */
  readonly events: readonly string[];
  readonly ports: Readonly<Partial<Record<DoorPort, PortFault>>>;
}

export const DOOR_EVENTS_MAX = 100;
/** Far above what a client of ours waits for; a call that was only slow still comes to its end. */
export const SLOW_MS_MAX = 10_000;

export const doorKey = (functionName: string): { readonly pk: string; readonly sk: string } => ({
  pk: `fault#${functionName}`,
  sk: 'door',
});

const isFault = (value: unknown): value is PortFault => {
  const { kind, ms } = Object(value);
  if (kind === 'slow') return Number.isInteger(ms) && ms > 0 && ms <= SLOW_MS_MAX;
  return kind === 'fail' || kind === 'throttle';
};

const isDoor = (value: unknown): value is FaultDoor => {
  const { until, events, ports } = Object(value);
  const isTexts =
    Array.isArray(events) &&
    events.length <= DOOR_EVENTS_MAX &&
    events.every((id) => typeof id === 'string');
  const isPorts = Object.entries(Object(ports)).every(
    ([name, fault]) => DOOR_PORTS.some((port) => port === name) && isFault(fault),
  );
  return Number.isSafeInteger(until) && isTexts && isPorts;
};

/**
 * Throws on nonsense: a door that does nothing in silence would pass for a platform that holds.
 * By hand, because the library that reads shapes is a fifth of a bundle that has no other use for it.
 */
export const readFaultDoor = (json: string): FaultDoor => {
  const door: unknown = JSON.parse(json);
  if (!isDoor(door)) throw new Error(`this is no fault door: ${json}`);
  return door;
};

const isOpen = (door: FaultDoor | undefined, nowMs: number): door is FaultDoor =>
  door !== undefined && nowMs < door.until;

export const faultOf = (
  door: FaultDoor | undefined,
  port: DoorPort,
  nowMs: number,
): PortFault | undefined => (isOpen(door, nowMs) ? door.ports[port] : undefined);

export const throwsFor = (door: FaultDoor | undefined, eventId: string, nowMs: number): boolean =>
  isOpen(door, nowMs) && door.events.includes(eventId);
