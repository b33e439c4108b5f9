import vue from '@vitejs/plugin-vue';
import { defineConfig } from 'vite';

// `npm run dev` serves the sources and hands /api to a running mock or screen: LIANDONG_API=http://127.0.0.1:8700.
const api = process.env.LIANDONG_API ?? 'http://127.0.0.1:8700';

export default defineConfig({
  plugins: [vue()],
  // The screen answers under a policy that knows only 'self': nothing is inlined as a data address.
  build: { target: 'es2021', assetsInlineLimit: 0, modulePreload: { polyfill: false }, chunkSizeWarningLimit: 700 },
  server: { host: '127.0.0.1', proxy: { '/api': api, '/mock': api } },
  test: { include: ['src/**/*.test.ts', 'mock/**/*.test.mjs'], environment: 'node' },
} as Parameters<typeof defineConfig>[0]);
