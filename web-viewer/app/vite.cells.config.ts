import { defineConfig } from 'vite';

// Cells are imported by notebooks and inlined into reports, so each must be one module without imports.
export default defineConfig({
  publicDir: false,
  build: {
    outDir: 'dist/cells',
    target: 'es2022',
    modulePreload: false,
    lib: {
      entry: { flame: 'src/cells/flame.ts' },
      formats: ['es'],
      fileName: (_format, name) => `${name}.js`,
    },
    minify: 'oxc',
  },
});
