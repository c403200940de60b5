import { notFound, validation } from './errors.ts';
import { type Parameters, STREAM_NAME } from './parameters.ts';
import type { Entry, KinesisState, Shard, Stream } from './state.ts';

export interface KinesisSettings {
  readonly region: string;
  readonly accountId: string;
  readonly storedBytesMax: number;
}

/** What an operation knows: the state, the instant, and whose streams these are. */
export interface Context {
  readonly state: KinesisState;
  readonly settings: KinesisSettings;
  readonly nowMs: number;
}

/** What an operation says: its answer, and what must be written before that answer is given. */
export interface Decision {
  readonly body: Readonly<Record<string, unknown>>;
  readonly entries: readonly Entry[];
}

export const answer = (body: Readonly<Record<string, unknown>>): Decision => ({
  body,
  entries: [],
});

export const streamArn = ({ region, accountId }: KinesisSettings, name: string): string =>
  `arn:aws:kinesis:${region}:${accountId}:stream/${name}`;

/** A stream is named by StreamName or by StreamARN; the ARN wins where both are given. */
export const namedStream = (context: Context, parameters: Parameters): Stream => {
  const arn = parameters.text('StreamARN');
  const name = arn === undefined ? parameters.text('StreamName', STREAM_NAME) : arn.split('/')[1];
  parameters.check();
  if (name === undefined)
    throw validation(['Either StreamName or StreamARN must be given: both are null']);
  return streamNamed(context, name);
};

export const streamNamed = (context: Context, name: string): Stream => {
  const stream = context.state.streams.get(name);
  if (stream === undefined)
    throw notFound(`Stream ${name} under account ${context.settings.accountId} not found.`);
  return stream;
};

export const shardNamed = (context: Context, stream: Stream, shardId: string): Shard => {
  const shard = stream.shards.get(shardId);
  if (shard === undefined)
    throw notFound(
      `Could not find shard ${shardId} in stream ${stream.name} under account ${context.settings.accountId}.`,
    );
  return shard;
};
