import { expect, test } from 'vitest';
import { ofSize, SIZES } from './templates.ts';

test.each(SIZES)('%s: no template sets a variable of the fault doors', (size) => {
  const { dataTemplate, platformTemplate } = ofSize(size);
  for (const template of [dataTemplate, platformTemplate])
    expect(JSON.stringify(template.toJSON())).not.toMatch(/FAULT_DOORS/i);
});

test.each(SIZES)('%s: what a function reads from a template are variables', (size) => {
  const functions = Object.values(
    ofSize(size).platformTemplate.findResources('AWS::Lambda::Function'),
  );
  const names = functions.flatMap(({ Properties }) =>
    Object.keys(Properties.Environment?.Variables ?? {}),
  );
  expect(names).toContain('RAW_STREAM');
});
