import type { ITableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { type IGrantable, PolicyStatement } from 'aws-cdk-lib/aws-iam';

/** Rows of a table that others have rows in too, by how their partition keys begin. */
export const allowRows = (
  grantee: IGrantable,
  table: ITableV2,
  actions: readonly string[],
  partitionKeys: readonly string[],
): void => {
  grantee.grantPrincipal.addToPrincipalPolicy(
    new PolicyStatement({
      actions: [...actions],
      resources: [table.tableArn],
      conditions: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': [...partitionKeys] } },
    }),
  );
};
