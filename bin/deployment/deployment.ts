/** Which platform a command works on: a deployment, with your AWS credentials, or the one on this machine. */
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';

const LOCAL_ENDPOINT = 'http://localhost:4566';
const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

export const WORKS_WITH = `Works with your AWS credentials and region; --local, or AWS_ENDPOINT_URL=${LOCAL_ENDPOINT}, addresses
the platform of npm start.`;

/** For `parseArgs`. */
export const DEPLOYMENT_OPTIONS = { local: { type: 'boolean', default: false } } as const;

/** At the endpoint of this machine nobody's profile is used: it takes any credentials. */
export const addressDeployment = ({ local }: { readonly local: boolean }): void => {
  const { env } = process;
  if (local) env.AWS_ENDPOINT_URL ??= LOCAL_ENDPOINT;
  const endpoint = env.AWS_ENDPOINT_URL;
  if (endpoint === undefined || !LOOPBACK.has(new URL(endpoint).hostname)) return;
  delete env.AWS_PROFILE;
  Object.assign(env, {
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
  });
};

/** Reads a value that the stacks of a stage hand over, such as `tables/records`. */
export const parametersOf =
  (stage: string) =>
  async (name: string): Promise<string> => {
    const Name = `/tributary/${stage}/${name}`;
    const { Parameter } = await new SSMClient().send(new GetParameterCommand({ Name }));
    if (Parameter?.Value === undefined) throw new Error(`the parameter ${Name} is empty`);
    return Parameter.Value;
  };

const UNKNOWN_DEPLOYMENT = /^(Region is missing|Could not load credentials)/;
const UNREACHABLE = /ECONNREFUSED/;

/** What went wrong, and what to do about it. */
export const faultText = (fault: unknown): string => {
  if (!(fault instanceof Error)) return String(fault);
  const said = fault.message || fault.name;
  if (UNKNOWN_DEPLOYMENT.test(said))
    return `${said}. Name a deployment by AWS_PROFILE, or AWS_REGION and credentials; or add --local for the platform of npm start.`;
  const codes = [fault, ...(fault instanceof AggregateError ? fault.errors : [])];
  if (codes.some((each) => UNREACHABLE.test(String(Object(each).code ?? each))))
    return `Nothing answers at ${process.env.AWS_ENDPOINT_URL}. Is npm start running, and is this its AWS endpoint?`;
  return said;
};
