/** One line per property of a template: honoured, inert with its reason, or refused. */
import type { Template } from './assembly.ts';
import { type TypeRegistry, treatmentsOf } from './coverage.ts';

export interface ReportLine {
  readonly type: string;
  readonly path: string;
  readonly treatment: string;
  /** How many resources set it. */
  readonly resources: number;
}

export const report = (template: Template, registry: TypeRegistry): readonly ReportLine[] => {
  const lines = new Map<string, ReportLine>();
  const add = (type: string, path: string, treatment: string): void => {
    const key = `${type} ${path} ${treatment}`;
    const resources = (lines.get(key)?.resources ?? 0) + 1;
    lines.set(key, { type, path, treatment, resources });
  };
  for (const resource of Object.values(template.Resources)) {
    const type = registry.get(resource.Type);
    if (type === undefined) {
      add(resource.Type, '*', 'refused');
      continue;
    }
    // A type without any behaviour is said in one line.
    const whole = type.honoured.length === 0 ? type.inert['*'] : undefined;
    if (whole !== undefined) {
      add(resource.Type, '*', `inert (${whole})`);
      continue;
    }
    const treatments = treatmentsOf(type, resource.Properties);
    if (treatments.length === 0) add(resource.Type, '(no properties)', 'honoured');
    for (const { path, treatment } of treatments) add(resource.Type, path, treatment);
  }
  return [...lines.values()].sort((a, b) => order(a).localeCompare(order(b), 'en'));
};

const order = ({ type, path, treatment }: ReportLine): string => `${type} ${path} ${treatment}`;

export const printReport = (lines: readonly ReportLine[]): string =>
  lines
    .map(({ type, path, treatment, resources }) => `${type} ${path}: ${treatment} ×${resources}`)
    .join('\n');
