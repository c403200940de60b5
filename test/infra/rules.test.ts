import { expect, test } from 'vitest';
import type { SizeName } from '../../lib/config.ts';
import { computeRules } from './rules/compute.ts';
import { edgeRules } from './rules/edge.ts';
import { breaks, changed, kept } from './rules/fixtures.ts';
import { lakeRules } from './rules/lake.ts';
import { queueRules } from './rules/queues.ts';
import { type CfnTemplate, findings, type Rule } from './rules/rule.ts';
import { storageRules } from './rules/storage.ts';
import { streamRules } from './rules/streams.ts';
import { ofSize, SIZES, sorted } from './templates.ts';

const rules: readonly Rule[] = [
  ...storageRules,
  ...queueRules,
  ...streamRules,
  ...computeRules,
  ...edgeRules,
  ...lakeRules,
];

/** Rules that a size does not keep, and what that costs or what holds instead. */
const exceptions: Readonly<Record<SizeName, Readonly<Record<string, string>>>> = {
  starter: {
    'table-refuses-deletion': 'starter is for trying: everything goes with the stack',
    'data-outlives-its-stack': 'starter is for trying: everything goes with the stack',
    'table-has-customer-key': "AWS's own key encrypts; a customer key costs a dollar a month",
    'stream-has-customer-key': "AWS's own key encrypts; a customer key costs a dollar a month",
    'delivery-is-encrypted': 'the bucket encrypts what Firehose writes with its own default',
    'function-decides-its-concurrency':
      'a new account has 10 in all, and a reservation fails its deployment',
  },
  standard: {
    'function-decides-its-concurrency':
      'a new account has 10 in all, and a reservation fails its deployment; an output says which quota to raise',
  },
  scale: {},
};

test('the fixture keeps every rule', () => {
  expect(findings(kept, rules)).toEqual([]);
});

test('every rule is shown to fail, and nothing else is', () => {
  expect(sorted(Object.keys(breaks))).toEqual(sorted(rules.map(({ id }) => id)));
  expect(rules.length).toBeGreaterThanOrEqual(30);
});

test.each(rules.map((rule) => [rule.id, rule] as const))(
  '%s is found when it is broken',
  (id, rule) => {
    for (const [path, value, blamed] of breaks[id] ?? []) {
      expect(rule.broken(changed(kept, [path, value])), path).toContain(blamed);
    }
  },
);

/** Both stacks as one: references do not cross, but a rule may look for a policy's target. */
const whole = (size: SizeName): CfnTemplate => {
  const { dataTemplate, platformTemplate } = ofSize(size);
  return {
    Resources: { ...dataTemplate.toJSON().Resources, ...platformTemplate.toJSON().Resources },
  };
};

test.each(SIZES)('%s keeps every rule but its exceptions, each of which it needs', (size) => {
  const found = findings(whole(size), rules).map((finding) => finding.split(':')[0] ?? '');
  expect(sorted(new Set(found))).toEqual(sorted(Object.keys(exceptions[size])));
});

test('the types that the rules speak of are in the templates', () => {
  const types = new Set(
    SIZES.flatMap((size) => Object.values(whole(size).Resources).map(({ Type }) => Type)),
  );
  const spoken = Object.values(kept.Resources).map(({ Type }) => Type);
  expect(spoken.filter((type) => !types.has(type))).toEqual([]);
});
