/** AWS's JSON protocol at the local endpoint, and at no other: for what exists on a laptop only. */

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);
const ANSWER_MS_MAX = 5_000;

export type AskLocal = (
  target: string,
  input: object,
) => Promise<Readonly<Record<string, unknown>>>;

export const localEndpoint = (endpointUrl: string): AskLocal => {
  const { hostname } = new URL(endpointUrl);
  if (!LOOPBACK.has(hostname))
    throw new Error(`${endpointUrl} is not this machine: fault doors exist locally only`);
  return async (target, input) => {
    const response = await fetch(endpointUrl, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-target': target,
        authorization:
          'AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=local',
        'x-amz-date': '20260101T000000Z',
      },
      body: JSON.stringify(input),
      signal: AbortSignal.timeout(ANSWER_MS_MAX),
    });
    const said = await response.text();
    if (!response.ok) throw new Error(`${target}: ${said}`);
    return Object(JSON.parse(said));
  };
};
