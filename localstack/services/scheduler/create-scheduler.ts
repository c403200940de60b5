/** EventBridge Scheduler of the local cloud: functions at their times. */

import type { RequestListener } from 'node:http';
import { join } from 'node:path';
import type { FunctionInvoker, LocalService, ResourceType } from '../../cloud.ts';
import { Schedule } from './schedule.ts';
import { HONOURED, INERT, scheduleSpec } from './schedule-properties.ts';

export interface SchedulerOptions {
  /** The data folder of the local cloud; what is over is remembered in `scheduler` below it. */
  readonly dataDir: string;
  readonly clock: { readonly now: () => number };
  readonly random: () => number;
  readonly invoker: FunctionInvoker;
  readonly region?: string;
  readonly accountId?: string;
  /** How often times are looked at, in real time; 0 leaves it to `tick`. */
  readonly tickEveryMs?: number;
  readonly report?: (fault: unknown) => void;
}

export interface Scheduler extends LocalService {
  /** Fires what is due by the injected clock. */
  readonly tick: () => Promise<void>;
}

const TICK_EVERY_DEFAULT_MS = 1_000;

const keyOf = (group: string, name: string): string => `${group}/${name}`;

const fileOf = (group: string, name: string): string => {
  if (/^[0-9a-zA-Z_.-]+$/.test(group + name)) return `${group}~${name}.json`;
  throw new Error(`not a schedule's name: ${group}/${name}`);
};

/** Scheduler speaks REST: what is made in the template can be read here. */
const listener =
  (
    schedules: ReadonlyMap<string, Schedule>,
    groups: ReadonlySet<string>,
    arnOf: ArnOf,
  ): RequestListener =>
  (request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const [, kind, name] = url.pathname.split('/').map(decodeURIComponent);
    const group = url.searchParams.get('groupName') ?? 'default';
    const summary = ({ spec }: Schedule): object => ({
      Name: spec.name,
      GroupName: spec.group,
      Arn: arnOf(keyOf(spec.group, spec.name)),
      State: spec.config.enabled ? 'ENABLED' : 'DISABLED',
    });
    const found = schedules.get(keyOf(group, name ?? ''));
    const send = (status: number, body: object): void => {
      request.resume();
      response.writeHead(status, {
        'content-type': 'application/json',
        ...(status === 404 ? { 'x-amzn-errortype': 'ResourceNotFoundException' } : {}),
      });
      response.end(JSON.stringify(body));
    };
    if (request.method !== 'GET') return send(405, { Message: 'the template makes schedules' });
    if (kind === 'schedule-groups') {
      return send(200, { ScheduleGroups: [...groups].map((Name) => ({ Name, State: 'ACTIVE' })) });
    }
    if (!name) return send(200, { Schedules: [...schedules.values()].map(summary) });
    if (found === undefined) return send(404, { Message: `Schedule ${name} does not exist.` });
    send(200, { ...found.spec.properties, ...summary(found) });
  };

type ArnOf = (key: string) => string;

export const createScheduler = (options: SchedulerOptions): Scheduler => {
  const { region = 'us-east-1', accountId = '000000000000', report = () => undefined } = options;
  const schedules = new Map<string, Schedule>();
  const groups = new Set(['default']);
  const arn = (kind: string, key: string): string =>
    `arn:aws:scheduler:${region}:${accountId}:${kind}/${key}`;
  const tick = async (): Promise<void> => {
    await Promise.all([...schedules.values()].map((schedule) => schedule.tick()));
  };
  const everyMs = options.tickEveryMs ?? TICK_EVERY_DEFAULT_MS;
  const timer = everyMs > 0 ? setInterval(() => void tick(), everyMs) : undefined;
  timer?.unref();

  const schedule: ResourceType = {
    type: 'AWS::Scheduler::Schedule',
    honoured: HONOURED,
    inert: INERT,
    create: async (resource) => {
      const spec = scheduleSpec(resource);
      if (!groups.has(spec.group)) throw new Error(`no schedule group ${spec.group}`);
      const path = join(options.dataDir, 'scheduler', fileOf(spec.group, spec.name));
      schedules.set(keyOf(spec.group, spec.name), new Schedule({ ...options, spec, path, report }));
      return {
        ref: spec.name,
        attributes: { Arn: arn('schedule', keyOf(spec.group, spec.name)) },
      };
    },
  };
  const group: ResourceType = {
    type: 'AWS::Scheduler::ScheduleGroup',
    honoured: ['Name'],
    inert: { Tags: 'tags' },
    create: async ({ properties, physicalName }) => {
      const name = typeof properties.Name === 'string' ? properties.Name : physicalName;
      groups.add(name);
      return { ref: name, attributes: { Arn: arn('schedule-group', name), State: 'ACTIVE' } };
    },
  };
  return {
    handle: listener(schedules, groups, (key) => arn('schedule', key)),
    resourceTypes: [schedule, group],
    tick,
    close: async () => {
      clearInterval(timer);
    },
  };
};
