/** Doors in front of a function's ports: what a handler wraps them in. */
import type { EventStream } from '../ports/event-stream.ts';
import type { SpillQueue } from '../ports/spill-queue.ts';
import {
  type DOORS,
  type DoorPort,
  doorKey,
  type FaultDoor,
  faultOf,
  type PortFault,
  readFaultDoor,
  throwsFor,
} from './fault-door.ts';
import { localEndpoint } from './local-endpoint.ts';

/** A port whose every member is a call to the world. */
type Calls<P> = { readonly [K in keyof P]: (...given: never[]) => Promise<unknown> };

/** What is handed to the core and may hold a door for events. */
interface EventDoor {
  readonly door?: ((event: { readonly eventId: string }) => void) | undefined;
}

type Handle<E, C, A> = (event: E, context: C) => Promise<A>;

export interface FaultDoors {
  readonly port: <P extends Calls<P>>(name: Exclude<DoorPort, 'stream' | 'spill'>, calls: P) => P;
  readonly stream: (stream: EventStream) => EventStream;
  readonly spill: (queue: SpillQueue) => SpillQueue;
  readonly events: <C extends EventDoor>(context: C) => C;
  /** Around the use case: the core cannot wait, so what it is told is read before each call. */
  readonly call: <E, C, A>(handle: Handle<E, C, A>) => Handle<E, C, A>;
}

export interface DoorWorld {
  readonly read: () => Promise<FaultDoor | undefined>;
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
}

/** How long a row that was read is good for. */
const KEPT_MS = 500;

export class FaultDoorOpen extends Error {
  override readonly name = 'FaultDoorOpen';
}

const shutDoors: FaultDoors = {
  port: (_name, calls) => calls,
  stream: (stream) => stream,
  spill: (queue) => queue,
  events: (context) => context,
  call: (handle) => handle,
};

const cached = ({ read, now }: DoorWorld): DoorWorld['read'] => {
  let held: { readonly door: Promise<FaultDoor | undefined>; readonly atMs: number } | undefined;
  return () => {
    const nowMs = now();
    if (held === undefined || Math.abs(nowMs - held.atMs) >= KEPT_MS)
      held = { door: read(), atMs: nowMs };
    return held.door;
  };
};

export const openFaultDoors = (world: DoorWorld): FaultDoors => {
  const { now, sleep } = world;
  const read = cached(world);
  let known: FaultDoor | undefined;

  /** Slow: waits. Else says what the port shall do. */
  const meet = async (port: DoorPort): Promise<Exclude<PortFault['kind'], 'slow'> | undefined> => {
    const fault = faultOf(await read(), port, now());
    if (fault?.kind !== 'slow') return fault?.kind;
    await sleep(fault.ms);
    return undefined;
  };
  const refusal = (port: DoorPort, kind: string): FaultDoorOpen =>
    new FaultDoorOpen(`a fault door: ${port} shall ${kind}`);

  return {
    port: (name, calls) => {
      const doors = Object.entries<(...given: never[]) => Promise<unknown>>(calls).map(
        ([member, call]) => [
          member,
          async (...given: never[]) => {
            const kind = await meet(name);
            if (kind !== undefined) throw refusal(name, kind);
            return call.apply(calls, given);
          },
        ],
      );
      return Object.fromEntries(doors);
    },
    stream: (stream) => ({
      put: async (records) => {
        const kind = await meet('stream');
        if (kind === 'fail') throw refusal('stream', kind);
        // As Kinesis does it: an answer of 200 in which each record failed.
        return kind === 'throttle' ? records.map(() => 'failed') : stream.put(records);
      },
    }),
    spill: (queue) => ({
      spill: async (records) => {
        const kind = await meet('spill');
        return kind === undefined
          ? queue.spill(records)
          : { outcomes: records.map(() => 'failed'), fault: refusal('spill', kind) };
      },
    }),
    events: (context) => ({
      ...context,
      door: ({ eventId }: { readonly eventId: string }) => {
        if (throwsFor(known, eventId, now())) throw new FaultDoorOpen('a fault door: this event');
      },
    }),
    call: (handle) => async (event, context) => {
      known = await read();
      return handle(event, context);
    },
  };
};

/** One look at cold start: where no variable asks for doors, everything is handed back as it is. */
export const faultDoors = (
  functionName: keyof typeof DOORS,
  env: NodeJS.ProcessEnv,
): FaultDoors => {
  if (env.FAULT_DOORS !== 'on') return shutDoors;
  const ask = localEndpoint(env.AWS_ENDPOINT_URL ?? '');
  const { pk, sk } = doorKey(functionName);
  const question = {
    TableName: env.FAULT_DOORS_TABLE,
    Key: { pk: { S: pk }, sk: { S: sk } },
    ConsistentRead: true,
  };
  return openFaultDoors({
    read: async () => {
      const { Item } = await ask('DynamoDB_20120810.GetItem', question);
      const json: unknown = Object(Item).door?.S;
      return typeof json === 'string' ? readFaultDoor(json) : undefined;
    },
    now: Date.now,
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  });
};
