import { mergeConfig } from 'vite';
import viewer from '../../vite.config';
import { FakeHost } from './fakeHost';

/** The viewer with a synthetic host behind it, for development and for tests in a browser. */
export default mergeConfig(viewer, {
  plugins: [
    {
      name: 'fake-host',
      // Only what is built runs under the page policy: the development server injects scripts of its own.
      configurePreviewServer(server: { middlewares: { use(handle: FakeHost['handle']): void } }) {
        server.middlewares.use(new FakeHost().handle);
      },
    },
  ],
  server: { host: '127.0.0.1' },
  preview: { host: '127.0.0.1' },
});
