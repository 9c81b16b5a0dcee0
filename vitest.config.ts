import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    setupFiles: ['test/setup.ts'],
    maxWorkers: 2,
    // No test changes what is global, so a worker loads the program once, not once a file: a fifth of the whole time.
    isolate: false,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
