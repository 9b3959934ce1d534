import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';

export default defineConfig({
  plugins: [svelte()],
  build: {
    outDir: 'dist',
    target: 'es2022',
    // The page policy forbids data: scripts and styles, and a preload polyfill would be dead code.
    assetsInlineLimit: 0,
    modulePreload: false,
  },
});
