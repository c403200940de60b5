/**
 * What the local cloud does with every property of every resource that is deployed. A change of the
 * CDK app shows here: a line that turns to "refused" is a platform that no longer starts.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { LocalCloud } from '../../localstack/launch/services.ts';
import type { Template } from '../../localstack/template/assembly.ts';
import { printReport, type ReportLine, report } from '../../localstack/template/report.ts';
import { ofSize, SIZES } from '../infra/templates.ts';
import { wholeCloud } from './whole-cloud.ts';

let cloud: LocalCloud;

beforeAll(async () => {
  cloud = await wholeCloud();
});
afterAll(() => cloud.close());

const linesOf = (size: (typeof SIZES)[number]): readonly ReportLine[] => {
  const { dataTemplate, platformTemplate } = ofSize(size);
  return [dataTemplate, platformTemplate].flatMap((template) =>
    report(template.toJSON() as Template, cloud.registry),
  );
};

test.each(SIZES)('the report of size %s is the one that was reviewed', async (size) => {
  await expect(`${printReport(linesOf(size))}\n`).toMatchFileSnapshot(
    `template-report/${size}.txt`,
  );
});

test.each(['starter', 'standard'] as const)('nothing in size %s is refused', (size) => {
  expect(linesOf(size).filter(({ treatment }) => treatment === 'refused')).toEqual([]);
});

test('in scale only the capacity that is bought ahead is refused: a laptop sells none', () => {
  const refused = linesOf('scale').filter(({ treatment }) => treatment === 'refused');
  expect(new Set(refused.map(({ type }) => type))).toEqual(new Set(['AWS::DynamoDB::GlobalTable']));
  for (const { path } of refused) expect(path).toMatch(/Throughput/);
});

test('inert is inert for one of eight reasons', () => {
  const reasons = SIZES.flatMap(linesOf)
    .map(({ treatment }) => /^inert \((.+)\)$/.exec(treatment)?.[1])
    .filter((reason) => reason !== undefined);
  const allowed = ['iam', 'keys', 'logs', 'vpc', 'tags', 'tracing', 'alarms', 'deletion'];
  expect([...new Set(reasons)].filter((reason) => !allowed.includes(reason))).toEqual([]);
});
