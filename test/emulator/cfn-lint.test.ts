import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';

const SIZES = ['starter', 'standard', 'scale'] as const;
const present = spawnSync('cfn-lint', ['--version']).status === 0;

/** Findings that stay, and why. */
const exceptions: Readonly<Record<string, string>> = {
  W3005:
    "CDK's Function states its role in DependsOn although GetAtt says the same; the policy beside it is what must be there.",
};

const folder = mkdtempSync(join(tmpdir(), 'tributary-cfn-lint-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Finding {
  readonly Rule: { readonly Id: string };
  readonly Message: string;
}

/** cfn-lint is a program of PyPI; where it is not on PATH this test says so in its name. */
test.skipIf(!present)(
  `cfn-lint finds nothing but named exceptions${present ? '' : ' (skipped: cfn-lint is not on PATH)'}`,
  () => {
    const templates = SIZES.flatMap((size) => {
      const outdir = join(folder, size);
      execFileSync(process.execPath, ['bin/app.ts'], {
        env: { ...process.env, CDK_OUTDIR: outdir, CDK_CONTEXT_JSON: JSON.stringify({ size }) },
      });
      return readdirSync(outdir)
        .filter((name) => name.endsWith('.template.json'))
        .map((name) => join(outdir, name));
    });
    expect(templates).toHaveLength(2 * SIZES.length);
    const { stdout, stderr } = spawnSync('cfn-lint', ['--format', 'json', ...templates], {
      encoding: 'utf8',
    });
    expect(stderr).toBe('');
    const found = JSON.parse(stdout) as readonly Finding[];
    expect(found.filter(({ Rule }) => exceptions[Rule.Id] === undefined)).toEqual([]);
    const needed = new Set(found.map(({ Rule }) => Rule.Id));
    expect(Object.keys(exceptions).filter((id) => !needed.has(id))).toEqual([]);
  },
  120_000,
);
