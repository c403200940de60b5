import { type IGrantable, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IBucket } from 'aws-cdk-lib/aws-s3';

/** Lets a function park what it cannot use under its own stages, and nothing else. */
export const grantParking = (
  grantee: IGrantable,
  failed: IBucket,
  key: IKey | undefined,
  ...stages: readonly string[]
): void => {
  grantee.grantPrincipal.addToPrincipalPolicy(
    new PolicyStatement({
      actions: ['s3:PutObject'],
      resources: stages.map((stage) => failed.arnForObjects(`failed/${stage}/*`)),
    }),
  );
  key?.grant(grantee, 'kms:GenerateDataKey');
};
