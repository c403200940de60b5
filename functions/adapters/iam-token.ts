/**
 * The password with which IAM signs in to a cache: a presigned request to connect (Signature
 * Version 4), good for 15 minutes and for one connection after the other until then.
 */
import { createHash, createHmac } from 'node:crypto';

export interface TokenFor {
  readonly user: string;
  readonly cache: string;
  readonly serverless: boolean;
}

export interface Signer {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string | undefined;
  readonly region: string;
}

const SERVICE = 'elasticache';
const ALGORITHM = 'AWS4-HMAC-SHA256';
const SECONDS_MAX = 900;

const hmac = (key: string | Buffer, text: string): Buffer =>
  createHmac('sha256', key).update(text).digest();
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Unlike `encodeURIComponent`, AWS encodes these as well. */
const encoded = (text: string): string =>
  encodeURIComponent(text).replace(
    /[!'()*]/g,
    (each) => `%${each.charCodeAt(0).toString(16).toUpperCase()}`,
  );

export const iamToken = (
  { user, cache, serverless }: TokenFor,
  { accessKeyId, secretAccessKey, sessionToken, region }: Signer,
  nowMs: number,
): string => {
  const at = new Date(nowMs).toISOString().replace(/[-:]|\.\d{3}/g, '');
  const day = at.slice(0, 8);
  const scope = [day, region, SERVICE, 'aws4_request'].join('/');
  const host = cache.toLowerCase();
  const query = Object.entries({
    Action: 'connect',
    ...(serverless && { ResourceType: 'ServerlessCache' }),
    User: user,
    'X-Amz-Algorithm': ALGORITHM,
    'X-Amz-Credential': `${accessKeyId}/${scope}`,
    'X-Amz-Date': at,
    'X-Amz-Expires': String(SECONDS_MAX),
    ...(sessionToken && { 'X-Amz-Security-Token': sessionToken }),
    'X-Amz-SignedHeaders': 'host',
  })
    .map(([name, value]) => `${encoded(name)}=${encoded(value)}`)
    .join('&');
  const request = ['GET', '/', query, `host:${host}\n`, 'host', sha256('')].join('\n');
  const toSign = [ALGORITHM, at, scope, sha256(request)].join('\n');
  const key = [region, SERVICE, 'aws4_request'].reduce(hmac, hmac(`AWS4${secretAccessKey}`, day));
  return `${host}/?${query}&X-Amz-Signature=${hmac(key, toSign).toString('hex')}`;
};

/** Lambda hands its role over in variables. */
export const signerFrom = (env: NodeJS.ProcessEnv): Signer => ({
  accessKeyId: env.AWS_ACCESS_KEY_ID ?? '',
  secretAccessKey: env.AWS_SECRET_ACCESS_KEY ?? '',
  sessionToken: env.AWS_SESSION_TOKEN,
  region: env.AWS_REGION ?? '',
});
