/**
 * npm run deploy:emulator: the CDK CLI deploys what `cdk deploy` would, size starter, to the
 * emulator that answers at AWS_ENDPOINT_URL (MiniStack, LocalStack).
 *
 * Credentials are dummies and the user's own profile is out of reach, so that a wrong address can
 * never touch an account.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { devNull, tmpdir } from 'node:os';
import { join } from 'node:path';

const ENDPOINT_DEFAULT = 'http://localhost:4566';
const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\]|.*\.localhost)$/;

const endpoint = process.env.AWS_ENDPOINT_URL ?? ENDPOINT_DEFAULT;
if (!LOOPBACK.test(new URL(endpoint).hostname)) {
  console.error(
    `${endpoint} is not this machine: deploy:emulator is for emulators; use \`npx cdk deploy --all\` for AWS.`,
  );
  process.exit(1);
}

const answers = await fetch(endpoint, { signal: AbortSignal.timeout(5_000) }).then(
  () => true,
  () => false,
);
if (!answers) {
  console.error(
    `Nothing answers at ${endpoint}. Start an emulator first (\`ministack\`, or \`docker compose -f localstack/compose.yaml up\`), or set AWS_ENDPOINT_URL.`,
  );
  process.exit(1);
}

const environment = {
  ...process.env,
  AWS_ENDPOINT_URL: endpoint,
  AWS_ENDPOINT_URL_S3: process.env.AWS_ENDPOINT_URL_S3 ?? endpoint,
  AWS_ACCESS_KEY_ID: 'test',
  AWS_SECRET_ACCESS_KEY: 'test',
  AWS_SESSION_TOKEN: '',
  AWS_PROFILE: '',
  AWS_CONFIG_FILE: devNull,
  AWS_SHARED_CREDENTIALS_FILE: devNull,
  AWS_REGION: 'us-east-1',
  AWS_DEFAULT_REGION: 'us-east-1',
  CDK_DISABLE_CLI_TELEMETRY: 'true',
  // SigV4 signs the address with its path; emulators are happiest with path-style buckets.
  AWS_S3_FORCE_PATH_STYLE: 'true',
};

const output = join(mkdtempSync(join(tmpdir(), 'tributary-emulator-')), 'cdk.out');
const run = (file: string, ...args: readonly string[]): void => {
  const { status } = spawnSync(process.execPath, [file, ...args], {
    stdio: 'inherit',
    env: environment,
  });
  if (status !== 0) process.exit(status ?? 1);
};
const cdk = (...args: readonly string[]): void =>
  run(join('node_modules', 'aws-cdk', 'bin', 'cdk'), ...args, '--no-version-reporting');

run(join('bin', 'bundle.ts'));
// The first argument of bootstrap names account and region, since no credentials do.
cdk(
  'bootstrap',
  'aws://000000000000/us-east-1',
  '--app',
  'node_modules/.bin/node bin/app.ts',
  '--output',
  output,
  '-c',
  'size=starter',
);
cdk(
  'deploy',
  '--all',
  '--app',
  output,
  '--require-approval',
  'never',
  '--outputs-file',
  join(output, 'outputs.json'),
);
console.log(`\nDeployed. Outputs: ${join(output, 'outputs.json')}`);
console.log('Make a key with the same AWS_* variables: npm run keys -- create --kind operator');
