import { afterEach, expect, test, vi } from 'vitest';
import { addressDeployment, faultText } from '../../bin/deployment/deployment.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

const addressed = (local: boolean, endpoint: string | undefined) => {
  vi.stubEnv('AWS_ENDPOINT_URL', endpoint);
  vi.stubEnv('AWS_PROFILE', 'company');
  vi.stubEnv('AWS_REGION', 'eu-west-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', undefined);
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', undefined);
  addressDeployment({ local });
  const { AWS_ENDPOINT_URL, AWS_PROFILE, AWS_REGION, AWS_ACCESS_KEY_ID } = process.env;
  return { AWS_ENDPOINT_URL, AWS_PROFILE, AWS_REGION, AWS_ACCESS_KEY_ID };
};

test('a deployment is addressed with what the caller has, untouched', () => {
  for (const endpoint of [undefined, 'https://kinesis.eu-west-1.amazonaws.com'])
    expect(addressed(false, endpoint)).toEqual({
      AWS_ENDPOINT_URL: endpoint,
      AWS_PROFILE: 'company',
      AWS_REGION: 'eu-west-1',
      AWS_ACCESS_KEY_ID: undefined,
    });
});

test('the platform on this machine never sees the caller’s profile', () => {
  const here = { AWS_PROFILE: undefined, AWS_REGION: 'us-east-1', AWS_ACCESS_KEY_ID: 'local' };
  expect(addressed(true, undefined)).toEqual({
    ...here,
    AWS_ENDPOINT_URL: 'http://localhost:4566',
  });
  const other = 'http://127.0.0.1:9000';
  expect(addressed(false, other)).toEqual({ ...here, AWS_ENDPOINT_URL: other });
});

test('a fault says what to do', () => {
  expect(faultText(new Error('Region is missing'))).toMatch(/--local/);
  const refused = Object.assign(new Error(''), { code: 'ECONNREFUSED' });
  expect(faultText(new AggregateError([refused]))).toMatch(/Is npm start running/);
  expect(faultText(new Error('AccessDenied'))).toBe('AccessDenied');
});
