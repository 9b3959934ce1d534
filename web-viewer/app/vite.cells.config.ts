import { defineConfig } from 'vite';

// Cells are imported by notebooks and inlined into reports, so each must be one module without imports: one build for each,
// as those of one build would share their code. `--mode` names the cell.
export default defineConfig(({ mode }) => ({
  publicDir: false,
  build: {
    outDir: 'dist/cells',
    emptyOutDir: false,
    target: 'es2022',
    modulePreload: false,
    lib: {
      entry: { [mode]: `src/cells/${mode}.ts` },
      formats: ['es'],
      fileName: (_format, name) => `${name}.js`,
    },
    minify: 'oxc',
  },
}));
