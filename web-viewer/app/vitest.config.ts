import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    environment: 'node',
    // A browser and a synthetic host have to start before the first of those tests.
    hookTimeout: 60_000,
    testTimeout: 30_000,
  },
});
