/** One row per honoured property: a change of the template, and what is seen before and after. */
import { existsSync, readdirSync } from 'node:fs';
import type { SmallTemplate, SmallWorld } from './small-world.ts';

export interface HonouredRow {
  readonly type: string;
  readonly path: string;
  /** What the small template needs besides, in both worlds. */
  readonly given?: (template: SmallTemplate) => void;
  readonly change: (template: SmallTemplate) => void;
  /** Runs in a world of the template as it is, and in one of the changed template. */
  readonly observe: (world: SmallWorld) => Promise<unknown>;
  readonly before: unknown;
  readonly after: unknown;
}

export interface RefusedRow {
  readonly type: string;
  readonly path: string;
  readonly change: (template: SmallTemplate) => void;
  /** Part of the sentence with which the changed template is refused. */
  readonly refused: string;
}

export type Row = HonouredRow | RefusedRow;

/** Sets a property by its dotted path; a number is an index. */
export const set =
  (logicalId: string, path: string, value: unknown) =>
  (template: SmallTemplate): void => {
    const steps = path.split('.');
    const last = steps.pop() ?? '';
    let at: Record<string, unknown> = template[logicalId]?.Properties ?? {};
    for (const step of steps) {
      at[step] ??= {};
      at = at[step] as Record<string, unknown>;
    }
    at[last] = value;
  };

export const all =
  (...changes: readonly ((template: SmallTemplate) => void)[]) =>
  (template: SmallTemplate): void => {
    for (const change of changes) change(template);
  };

export const HOUR_MS = 3_600_000;

export const put = (world: SmallWorld, stream: string, bytes = 10): Promise<unknown> =>
  world.call('Kinesis_20131202.PutRecord', {
    StreamName: world.ref(stream),
    PartitionKey: 'k',
    Data: Buffer.alloc(bytes, 'x').toString('base64'),
  });

/** Keys of the objects in a bucket, as files. */
export const objectsIn = (world: SmallWorld, bucket: string): readonly string[] => {
  const folder = world.cloud.s3.objectFolder(world.ref(bucket));
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.data'))
    .map((entry) => `${entry.parentPath.slice(folder.length + 1)}/${entry.name}`);
};

export const functionAnswer =
  (event: object = {}) =>
  async (world: SmallWorld): Promise<unknown> => {
    const name = world.ref('Function');
    const { payload, error } = await world.cloud.lambda.invoker.invoke(name, JSON.stringify(event));
    const answer = Object(JSON.parse(payload));
    return error === undefined ? answer : { error, errorType: answer.errorType };
  };
