/** AWS::Athena::WorkGroup: where results go, and how much a query may read. */
import type { ResolvedResource, ResourceType } from '../../cloud.ts';

export interface WorkGroup {
  readonly name: string;
  readonly description?: string;
  readonly enabled: boolean;
  readonly enforced: boolean;
  readonly outputLocation?: string;
  readonly scannedBytesMax?: number;
  readonly metrics: boolean;
  readonly engineVersion: string;
}

interface Configuration {
  readonly BytesScannedCutoffPerQuery?: number;
  readonly EnforceWorkGroupConfiguration?: boolean;
  readonly EngineVersion?: { readonly SelectedEngineVersion?: string };
  readonly PublishCloudWatchMetricsEnabled?: boolean;
  readonly RequesterPaysEnabled?: boolean;
  readonly ResultConfiguration?: { readonly OutputLocation?: string };
}

const SCANNED_BYTES_LEAST = 10_000_000;
const ENGINES = ['AUTO', 'Athena engine version 3'];

/** What there is before any template. */
export const PRIMARY: WorkGroup = {
  name: 'primary',
  enabled: true,
  enforced: false,
  metrics: false,
  engineVersion: 'AUTO',
};

const checkConfiguration = (configuration: Configuration): void => {
  const cutoff = configuration.BytesScannedCutoffPerQuery;
  if (cutoff !== undefined && cutoff < SCANNED_BYTES_LEAST) {
    throw new Error(
      `BytesScannedCutoffPerQuery must be at least ${SCANNED_BYTES_LEAST}, not ${cutoff}`,
    );
  }
  if (configuration.RequesterPaysEnabled === true) {
    throw new Error('the local S3 has no buckets whose requester pays');
  }
  const engine = configuration.EngineVersion?.SelectedEngineVersion;
  if (engine !== undefined && !ENGINES.includes(engine)) {
    throw new Error(`the local Athena is ${ENGINES.join(' or ')}, not ${engine}`);
  }
};

export const workGroupOf = ({ properties }: ResolvedResource): WorkGroup => {
  const configuration = (properties.WorkGroupConfiguration ?? {}) as Configuration;
  checkConfiguration(configuration);
  const { OutputLocation: location } = configuration.ResultConfiguration ?? {};
  const { Description: description } = properties;
  const cutoff = configuration.BytesScannedCutoffPerQuery;
  return {
    name: String(properties.Name),
    enabled: properties.State !== 'DISABLED',
    enforced: configuration.EnforceWorkGroupConfiguration ?? true,
    metrics: configuration.PublishCloudWatchMetricsEnabled ?? false,
    engineVersion: configuration.EngineVersion?.SelectedEngineVersion ?? 'AUTO',
    ...(description === undefined ? {} : { description: String(description) }),
    ...(location === undefined ? {} : { outputLocation: location.replace(/\/*$/, '/') }),
    ...(cutoff === undefined ? {} : { scannedBytesMax: Number(cutoff) }),
  };
};

export const describeWorkGroup = (group: WorkGroup): object => ({
  Name: group.name,
  State: group.enabled ? 'ENABLED' : 'DISABLED',
  ...(group.description === undefined ? {} : { Description: group.description }),
  Configuration: {
    EnforceWorkGroupConfiguration: group.enforced,
    PublishCloudWatchMetricsEnabled: group.metrics,
    RequesterPaysEnabled: false,
    ResultConfiguration:
      group.outputLocation === undefined ? {} : { OutputLocation: group.outputLocation },
    ...(group.scannedBytesMax === undefined
      ? {}
      : { BytesScannedCutoffPerQuery: group.scannedBytesMax }),
    EngineVersion: {
      SelectedEngineVersion: group.engineVersion,
      EffectiveEngineVersion: 'Athena engine version 3',
    },
  },
});

export const workGroupType = (groups: Map<string, WorkGroup>): ResourceType => ({
  type: 'AWS::Athena::WorkGroup',
  honoured: [
    'Name',
    'Description',
    'State',
    'WorkGroupConfiguration.BytesScannedCutoffPerQuery',
    'WorkGroupConfiguration.EnforceWorkGroupConfiguration',
    'WorkGroupConfiguration.EngineVersion.SelectedEngineVersion',
    'WorkGroupConfiguration.PublishCloudWatchMetricsEnabled',
    'WorkGroupConfiguration.RequesterPaysEnabled',
    'WorkGroupConfiguration.ResultConfiguration.OutputLocation',
  ],
  inert: {
    Tags: 'tags',
    RecursiveDeleteOption: 'deletion',
    'WorkGroupConfiguration.ResultConfiguration.EncryptionConfiguration': 'keys',
    'WorkGroupConfiguration.ResultConfiguration.ExpectedBucketOwner': 'iam',
    'WorkGroupConfiguration.ResultConfiguration.AclConfiguration': 'iam',
  },
  create: async (resource) => {
    const group = workGroupOf(resource);
    groups.set(group.name, group);
    return { ref: group.name, attributes: { CreationTime: '0' } };
  },
});
