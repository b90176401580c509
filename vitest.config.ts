import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: [
            'exporter/**/*.test.ts',
            'bench/**/*.test.ts',
            'grafana/**/*.test.ts',
            'demo/**/*.test.ts',
            'scripts/**/*.test.mjs',
          ],
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/**/*.test.ts'],
          globalSetup: ['scripts/build-for-tests.mjs'],
          setupFiles: ['test/harness/stop-servers.ts'],
          testTimeout: 120_000,
          hookTimeout: 60_000,
          // Real servers next to each other on a small machine take turns at being too slow.
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
