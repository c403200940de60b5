/**
 * Makes every function call every method of its adapters at least once, from outside: by requests,
 * by records that nobody can read, and by a stream that is away for a while. A new method needs a
 * step here; the test says which.
 */
import { aws, drained, eventually } from '../e2e/asking.ts';
import type { Started } from '../e2e/start-process.ts';

const post = async (url: string, body: unknown): Promise<void> => {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  const said = await response.text();
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${said}`);
};

const read = async (url: string): Promise<unknown> => {
  const response = await fetch(url);
  const said = await response.text();
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${said}`);
  return JSON.parse(said);
};

/** The physical name of a stream or table, by a part of it. */
const named = async (
  platform: Started,
  { target, list, part }: { readonly target: string; readonly list: string; readonly part: string },
): Promise<string> => {
  const names = (await aws(platform, target, {}))[list] as readonly string[];
  const name = names.find((one) => one.includes(part));
  if (name === undefined) throw new Error(`no ${part} among ${names.join(', ')}`);
  return name;
};

/** A record that is no line of ours, on a stream: whoever reads it must park it. */
const putUnreadable = async (platform: Started, part: string): Promise<void> => {
  const target = 'Kinesis_20131202.ListStreams';
  const StreamName = await named(platform, { target, list: 'StreamNames', part });
  const Data = Buffer.from('this is no JSON\n').toString('base64');
  await aws(platform, 'Kinesis_20131202.PutRecord', {
    StreamName,
    PartitionKey: 'main#unreadable',
    Data,
  });
};

/** An item that no bundle of ours wrote: what comes for its user is parked, and it stays. */
const damageProfile = async (platform: Started, user: string): Promise<void> => {
  const target = 'DynamoDB_20120810.ListTables';
  const TableName = await named(platform, { target, list: 'TableNames', part: 'Profiles' });
  await aws(platform, 'DynamoDB_20120810.PutItem', {
    TableName,
    Item: { pk: { S: `u#main#${user}` }, sk: { S: 'rt' }, v: { S: 'damaged' } },
  });
};

const hasProfile = (platform: Started, user: string): Promise<true> =>
  eventually(async () => {
    const { status } = await fetch(`${platform.apiUrl}/v1/profiles/${user}`);
    return status === 200 ? true : undefined;
  });

/** `collect` spills what its stream refuses; `drain` puts it there once that is over. */
const spillAndDrain = async (platform: Started): Promise<void> => {
  const refuse = (query: string) => fetch(`${platform.endpointUrl}/_refuse${query}`);
  await refuse('?puts-of=Collection');
  await post(`${platform.apiUrl}/v1/events`, { userId: 'spilled', name: 'Product Viewed' });
  await refuse('');
  await hasProfile(platform, 'spilled');
};

export const drive = async (platform: Started): Promise<void> => {
  const { apiUrl } = platform;
  await damageProfile(platform, 'damaged');
  await post(`${apiUrl}/v1/events`, [
    { userId: 'driven', kind: 'page' },
    { userId: 'driven', kind: 'identify', traits: { plan: 'pro' } },
    { userId: 'damaged', name: 'Product Viewed' },
    { name: 'An event of nobody is rejected, and kept' },
  ]);
  await post(`${apiUrl}/api/users/activity`, '');
  await putUnreadable(platform, 'RawUserEvents');
  await putUnreadable(platform, 'EnrichedEvents');
  await spillAndDrain(platform);
  await drained(platform);

  await hasProfile(platform, 'driven');
  await read(`${apiUrl}/v1/profiles/driven/events`);
  await read(`${apiUrl}/v1/profiles/driven/explain/views_24h`);
  await read(`${apiUrl}/v1/analytics/realtime`);
  await read(`${apiUrl}/v1/live`);
};
