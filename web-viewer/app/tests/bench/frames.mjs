// Script and bytes uploaded of a frame while the view moves within loaded tiles, on both surfaces: `npm run bench:frames [-- --json]`, after a build.
// Says nothing of frames per second: without a GPU these are the processor's.
import { fileURLToPath } from 'node:url';
import { runnerImport } from 'vite';

const { module } = await runnerImport(fileURLToPath(new URL('frames.ts', import.meta.url)), { configFile: false, logLevel: 'error' });
await module.main(process.argv.slice(2));
