import { defineConfig } from 'vitest/config';

// These look at what is built, so they run after a build: see the script "test:browser".
export default defineConfig({
  test: {
    environment: 'node',
    include: ['tests/browser/**/*.test.ts'],
    // A browser and a synthetic host have to start before the first test.
    hookTimeout: 60_000,
    testTimeout: 60_000,
  },
});
