import { bundleFunctions } from '../bin/bundle.ts';

/**
 * One bundling for all tests. A handler that does not bundle fails `infra/bundle.test.ts`, which
 * says why; it must not keep every other test from running.
 */
export default async (): Promise<void> => {
  try {
    await bundleFunctions();
  } catch (fault) {
    console.error('bundling failed; tests that load bundles see older ones', fault);
  }
};
