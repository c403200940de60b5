/** A rule over one template: pure, so that it can be shown to pass and to fail. */
export interface Resource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
  readonly DeletionPolicy?: string;
}

export interface CfnTemplate {
  readonly Resources: Readonly<Record<string, Resource>>;
}

export interface Rule {
  readonly id: string;
  /** What it costs not to keep it. */
  readonly why: string;
  /** Logical ids of resources that break it. */
  readonly broken: (template: CfnTemplate) => readonly string[];
}

export const findings = (template: CfnTemplate, rules: readonly Rule[]): readonly string[] =>
  rules.flatMap(({ id, broken }) => broken(template).map((logicalId) => `${id}: ${logicalId}`));

export const resources = (template: CfnTemplate, type: string): readonly [string, Resource][] =>
  Object.entries(template.Resources).filter(([, { Type }]) => Type === type);

/** Every resource of the type for which `holds` is false. */
export const every = (
  type: string,
  holds: (properties: unknown, template: CfnTemplate, logicalId: string) => boolean,
): Rule['broken'] => {
  return (template) =>
    resources(template, type)
      .filter(([logicalId, { Properties }]) => !holds(Properties ?? {}, template, logicalId))
      .map(([logicalId]) => logicalId);
};

/** The value at a dotted path, `undefined` where the way ends early. */
export const at = (value: unknown, path: string): unknown =>
  path
    .split('.')
    .reduce<unknown>(
      (inside, key) =>
        typeof inside === 'object' && inside !== null
          ? (inside as Record<string, unknown>)[key]
          : undefined,
      value,
    );

export const list = (value: unknown): readonly unknown[] =>
  value === undefined ? [] : Array.isArray(value) ? value : [value];

/** The logical id behind a Ref or a GetAtt. */
export const target = (value: unknown): string | undefined => {
  const ref = at(value, 'Ref') ?? at(value, 'Fn::GetAtt.0');
  return typeof ref === 'string' ? ref : undefined;
};

export interface Statement {
  readonly effect: unknown;
  readonly actions: readonly unknown[];
  readonly resources: readonly unknown[];
  readonly condition: unknown;
}

export const statements = (document: unknown): readonly Statement[] =>
  list(at(document, 'Statement')).map((statement) => ({
    effect: at(statement, 'Effect'),
    actions: list(at(statement, 'Action')),
    resources: list(at(statement, 'Resource')),
    condition: at(statement, 'Condition'),
  }));
