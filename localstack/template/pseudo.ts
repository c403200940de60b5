/** The account and region of a laptop: the ones every emulator uses, so that ARNs look familiar. */
export const ACCOUNT = '000000000000';
export const REGION = 'us-east-1';

export const pseudoParameters: Readonly<Record<string, string>> = {
  'AWS::AccountId': ACCOUNT,
  'AWS::Region': REGION,
  'AWS::Partition': 'aws',
  'AWS::URLSuffix': 'amazonaws.com',
};
