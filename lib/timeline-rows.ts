import type { ITableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { type IGrantable, PolicyStatement } from 'aws-cdk-lib/aws-iam';

/** Lets a function work on rows of the timeline, and on nothing else of their table: keys lie there too. */
export const grantTimelineRows = (
  grantee: IGrantable,
  table: ITableV2 | undefined,
  action: 'dynamodb:PutItem' | 'dynamodb:Query',
): void => {
  if (table === undefined) return;
  grantee.grantPrincipal.addToPrincipalPolicy(
    new PolicyStatement({
      actions: [action],
      resources: [table.tableArn],
      conditions: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['t#*'] } },
    }),
  );
};
