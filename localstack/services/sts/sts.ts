/** The one question that tools ask first: who am I? */
import { randomUUID } from 'node:crypto';
import type { LocalService } from '../../cloud.ts';
import { ACCOUNT } from '../../template/pseudo.ts';

const callerIdentity = (): string => `<?xml version="1.0" encoding="UTF-8"?>
<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <GetCallerIdentityResult>
    <Arn>arn:aws:iam::${ACCOUNT}:root</Arn>
    <UserId>${ACCOUNT}</UserId>
    <Account>${ACCOUNT}</Account>
  </GetCallerIdentityResult>
  <ResponseMetadata><RequestId>${randomUUID()}</RequestId></ResponseMetadata>
</GetCallerIdentityResponse>
`;

const BODY_BYTES_MAX = 64 * 1024;

export const createSts = (): LocalService => ({
  resourceTypes: [],
  handle: (request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => {
      if (body.length < BODY_BYTES_MAX) body += chunk.toString('utf8');
    });
    request.on('end', () => {
      const action = new URLSearchParams(body).get('Action') ?? 'none';
      const isKnown = action === 'GetCallerIdentity';
      response.writeHead(isKnown ? 200 : 400, { 'content-type': 'text/xml' });
      response.end(
        isKnown
          ? callerIdentity()
          : `<ErrorResponse><Error><Type>Sender</Type><Code>InvalidAction</Code><Message>${action.replaceAll(/[<&]/g, '')} is not in the local cloud</Message></Error></ErrorResponse>`,
      );
    });
  },
  close: async () => {},
});
