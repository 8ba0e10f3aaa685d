import { defineConfig } from 'vitest/config';
import { watModules } from './scripts/wat-modules.ts';

export default defineConfig({
  plugins: [watModules()],
  test: {
    include: ['src/**/*.test.{ts,tsx}', 'scripts/**/*.test.ts'],
    environment: 'node',
    maxWorkers: 2,
    testTimeout: 20_000,
  },
});
