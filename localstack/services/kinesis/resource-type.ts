import type { ResolvedResource, ResourceType } from '../../cloud.ts';
import { type KinesisSettings, streamArn } from '../../engines/kinesis/context.ts';
import { openShards } from '../../engines/kinesis/state.ts';
import { refuseOnDemand } from '../../engines/kinesis/stream-settings.ts';
import type { KinesisStore } from './store.ts';

const RETENTION_HOURS_UNLESS_SAID = 24;

/**
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-kinesis-stream.html:
 * a changed ShardCount calls UpdateShardCount, so it goes at most to double and at least to half
 * per start; a changed RetentionPeriodHours takes effect at once.
 */
export const streamType = (store: KinesisStore, settings: KinesisSettings): ResourceType => ({
  type: 'AWS::Kinesis::Stream',
  honoured: ['Name', 'ShardCount', 'RetentionPeriodHours', 'StreamModeDetails.StreamMode'],
  inert: { StreamEncryption: 'keys', Tags: 'tags' },
  create: async (resource) => {
    const { name, shardCount, hours } = settingsOf(resource);
    refuseOnDemand(resource.properties.StreamModeDetails);
    if (!store.state.streams.has(name))
      store.call('CreateStream', { StreamName: name, ShardCount: shardCount });
    const stream = store.state.streams.get(name);
    if (stream !== undefined && openShards(stream).length !== shardCount)
      store.call('UpdateShardCount', {
        StreamName: name,
        TargetShardCount: shardCount,
        ScalingType: 'UNIFORM_SCALING',
      });
    const keptHours = stream?.retentionHours ?? RETENTION_HOURS_UNLESS_SAID;
    if (hours !== keptHours)
      store.call(
        hours > keptHours ? 'IncreaseStreamRetentionPeriod' : 'DecreaseStreamRetentionPeriod',
        { StreamName: name, RetentionPeriodHours: hours },
      );
    return { ref: name, attributes: { Arn: streamArn(settings, name) } };
  },
});

const settingsOf = ({ physicalName, properties }: ResolvedResource) => ({
  name: typeof properties.Name === 'string' ? properties.Name : physicalName,
  shardCount: Number(properties.ShardCount ?? 1),
  hours: Number(properties.RetentionPeriodHours ?? RETENTION_HOURS_UNLESS_SAID),
});
