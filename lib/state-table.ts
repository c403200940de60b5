import type { RemovalPolicy } from 'aws-cdk-lib';
import {
  AttributeType,
  Billing,
  Capacity,
  type CfnGlobalTable,
  StreamViewType,
  TableEncryptionV2,
  TableV2,
} from 'aws-cdk-lib/aws-dynamodb';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import type { CapacityConfig, PlatformConfig } from './config.ts';

export interface StateTableProps {
  readonly config: PlatformConfig;
  readonly key: IKey | undefined;
  readonly removalPolicy: RemovalPolicy;
  /** Whether each change is told on the table's stream, once and in order per item. */
  readonly changes: boolean;
}

const BACKUP_DAYS = 35;
const UTILIZATION_PERCENT = 70;

export const stateTable = (scope: Construct, id: string, props: StateTableProps): TableV2 => {
  const table = new TableV2(scope, id, {
    partitionKey: { name: 'pk', type: AttributeType.STRING },
    sortKey: { name: 'sk', type: AttributeType.STRING },
    timeToLiveAttribute: 'ttl',
    removalPolicy: props.removalPolicy,
    deletionProtection: props.config.protect,
    pointInTimeRecoverySpecification: {
      pointInTimeRecoveryEnabled: true,
      recoveryPeriodInDays: BACKUP_DAYS,
    },
    encryption: TableEncryptionV2.awsManagedKey(),
    ...(props.changes ? { dynamoStream: StreamViewType.NEW_IMAGE } : {}),
    ...billing(props.config.capacity),
  });
  // CDK names a replica's key only where it knows the region; there is one replica, and it is here.
  if (props.key) {
    const keyOfReplica = 'Replicas.0.SSESpecification.KMSMasterKeyId';
    (table.node.defaultChild as CfnGlobalTable).addPropertyOverride(keyOfReplica, props.key.keyArn);
  }
  return table;
};

const billing = (capacity: CapacityConfig | undefined) =>
  capacity === undefined
    ? { billing: Billing.onDemand() }
    : {
        billing: Billing.provisioned({
          readCapacity: Capacity.autoscaled({
            minCapacity: capacity.readUnitsMin,
            maxCapacity: capacity.readUnitsMax,
            targetUtilizationPercent: UTILIZATION_PERCENT,
          }),
          writeCapacity: Capacity.autoscaled({
            minCapacity: capacity.writeUnitsMin,
            maxCapacity: capacity.writeUnitsMax,
            targetUtilizationPercent: UTILIZATION_PERCENT,
          }),
        }),
        warmThroughput: {
          readUnitsPerSecond: capacity.warmReadUnits,
          writeUnitsPerSecond: capacity.warmWriteUnits,
        },
      };
