/** AWS::DynamoDB::GlobalTable, which is what CDK's TableV2 becomes. */
import type { CreatedResource, ResolvedResource, ResourceType } from '../../cloud.ts';
import type { Table } from './dynalite.ts';
import type { Engine } from './engine.ts';
import { tableOperations } from './table-operations.ts';

interface Replica {
  readonly Region?: string;
  readonly DeletionProtectionEnabled?: boolean;
  readonly PointInTimeRecoverySpecification?: object;
}

interface Properties {
  readonly TableName?: string;
  readonly KeySchema: Table['KeySchema'];
  readonly AttributeDefinitions: Table['AttributeDefinitions'];
  readonly BillingMode?: string;
  readonly StreamSpecification?: { readonly StreamViewType?: string };
  readonly TimeToLiveSpecification?: {
    readonly Enabled?: boolean;
    readonly AttributeName?: string;
  };
  readonly Replicas: readonly Replica[];
}

const replicaHere = (properties: Properties, region: string): Replica => {
  const [replica, ...others] = properties.Replicas;
  if (replica === undefined || others.length > 0 || replica.Region !== region) {
    throw new Error(`a table has one replica, in ${region}, in the local cloud`);
  }
  return replica;
};

const sameKeys = (table: Table, properties: Properties): boolean =>
  JSON.stringify(table.KeySchema) === JSON.stringify(properties.KeySchema);

const findTable = (engine: Engine, name: string): Promise<Table | undefined> =>
  engine.items.table(name).catch((fault: Error) => {
    if ('statusCode' in fault) return undefined;
    throw fault;
  });

const create = async (engine: Engine, resource: ResolvedResource): Promise<CreatedResource> => {
  const properties = resource.properties as unknown as Properties;
  const name = properties.TableName ?? resource.physicalName;
  const replica = replicaHere(properties, engine.options.region);
  if (properties.BillingMode !== 'PAY_PER_REQUEST') {
    throw new Error(`${resource.logicalId}: the local cloud has only on-demand tables`);
  }
  const operations = tableOperations(engine);
  const ours = {
    DeletionProtectionEnabled: replica.DeletionProtectionEnabled ?? false,
    StreamSpecification: {
      StreamEnabled: properties.StreamSpecification !== undefined,
      StreamViewType: properties.StreamSpecification?.StreamViewType,
    },
  };
  const found = await findTable(engine, name);
  if (found === undefined) {
    const { KeySchema, AttributeDefinitions, BillingMode } = properties;
    await operations.CreateTable({
      TableName: name,
      KeySchema,
      AttributeDefinitions,
      BillingMode,
      ...ours,
    });
    // The call answers before the table is active, and what follows asks for an active one.
    await describeCreated(engine, name);
  } else {
    if (!sameKeys(found, properties)) {
      throw new Error(`${name} has other keys on disk; npm start -- --reset forgets it`);
    }
    await operations.UpdateTable({ TableName: name, ...ours });
  }
  await applyExpiry(engine, name, properties);
  await operations.UpdateContinuousBackups({
    TableName: name,
    PointInTimeRecoverySpecification: replica.PointInTimeRecoverySpecification,
  });
  return describeCreated(engine, name);
};

const applyExpiry = async (engine: Engine, name: string, properties: Properties): Promise<void> => {
  const update = tableOperations(engine).UpdateTimeToLive;
  const wanted = properties.TimeToLiveSpecification;
  const wantedAttribute = wanted?.Enabled === true ? wanted.AttributeName : undefined;
  const present = engine.settings.of(name).timeToLiveAttribute;
  if (wantedAttribute === present) return;
  const specify = (AttributeName: string, Enabled: boolean) =>
    update({ TableName: name, TimeToLiveSpecification: { AttributeName, Enabled } });
  if (present !== undefined) await specify(present, false);
  if (wantedAttribute !== undefined) await specify(wantedAttribute, true);
};

/** Waits until the table is active. */
const describeCreated = async (engine: Engine, name: string): Promise<CreatedResource> => {
  for (;;) {
    const table = await findTable(engine, name);
    if (table !== undefined) {
      const stream = engine.settings.streamOf(name)?.state;
      return {
        ref: name,
        attributes: {
          Arn: table.TableArn,
          TableId: table.TableId,
          ...(stream?.enabled === true ? { StreamArn: stream.arn } : {}),
        },
      };
    }
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
};

export const globalTable = (engine: Engine): ResourceType => ({
  type: 'AWS::DynamoDB::GlobalTable',
  honoured: [
    'TableName',
    'KeySchema',
    'AttributeDefinitions',
    'BillingMode',
    'StreamSpecification.StreamViewType',
    'TimeToLiveSpecification',
    'Replicas[].Region',
    'Replicas[].DeletionProtectionEnabled',
    'Replicas[].PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled',
    'Replicas[].PointInTimeRecoverySpecification.RecoveryPeriodInDays',
  ],
  inert: {
    SSESpecification: 'keys',
    'Replicas[].SSESpecification': 'keys',
    'Replicas[].Tags': 'tags',
    'Replicas[].ResourcePolicy': 'iam',
    'Replicas[].ContributorInsightsSpecification': 'alarms',
  },
  create: (resource) => create(engine, resource),
});
