/** What a newcomer sees once the platform stands: where to go, and something to paste. */
import type { Platform } from './platform.ts';

const EVENT =
  '{"userId":"user123","eventType":"VIEW","timestamp":1714060800000,"context":{"page":"home","itemId":"item001","category":"tech","device":"mobile","geo":"de"}}';

export const welcome = (platform: Platform, keys: boolean): string => {
  const { apiUrl, endpointUrl, demoKey } = platform;
  const key = keys ? ` -H 'authorization: Bearer ${demoKey}'` : '';
  return `
  API       ${apiUrl}
  Docs      ${apiUrl}/docs
  AWS       aws --endpoint-url ${endpointUrl} kinesis list-streams
  Cache     ${platform.cache}
  Logs      npm run logs -- collect --follow

  Send an event, then look at the profile it makes:

  curl -X POST ${apiUrl}/events${key} -H 'content-type: application/json' -d '${EVENT}'
  curl ${apiUrl}/v1/profiles/user123${key}

  ${keys ? 'Every request needs a key; the demo operator key is the one above.' : 'No key is needed here: a demo key is added to requests without one (--keys demands them).'}
  Ctrl-C ends everything.
`;
};
