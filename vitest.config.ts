import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    globalSetup: ['test/global-setup.ts'],
    restoreMocks: true,
    // Two cores; the default leaves one of them to whoever watches.
    maxWorkers: 2,
  },
});
