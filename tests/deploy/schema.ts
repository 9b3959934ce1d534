import type { Manifest } from './manifest.ts';

interface Model {
  validate(): void;
}

type ModelClass = new (document: object) => Model;

/** The published schemas of Kubernetes, compiled to classes, by API version. */
const modules: Record<string, () => Promise<unknown>> = {
  v1: () => import('kubernetes-models/v1'),
  'apps/v1': () => import('kubernetes-models/apps/v1'),
  'autoscaling/v2': () => import('kubernetes-models/autoscaling/v2'),
  'batch/v1': () => import('kubernetes-models/batch/v1'),
  'networking.k8s.io/v1': () => import('kubernetes-models/networking.k8s.io/v1'),
  'policy/v1': () => import('kubernetes-models/policy/v1'),
};

/**
 * What is wrong with a manifest by the schema of its kind, unknown fields included.
 * The schemas let those pass, as an API server would drop them silently; but their validators ask an object for each field they know,
 * so that a field nobody asked for is one that nobody knows.
 */
export async function faultsOf({ apiVersion, kind, document }: Manifest): Promise<string[]> {
  const load = modules[apiVersion];
  if (!load) return [`no schema of ${apiVersion}`];
  const model = ((await load()) as Record<string, ModelClass>)[kind];
  if (!model) return [`no schema of ${apiVersion} ${kind}`];
  const asked = new Set<string>();
  try {
    model.prototype.validate.call(watch(document, '', asked));
  } catch (error) {
    return [(error as Error).message];
  }
  return [...fieldsOf(document, '')].filter((path) => !asked.has(path)).map((path) => `${path}: the schema has no such field`);
}

/** The same object, which notes the path of each field that is asked for. To list the fields is to ask for all. */
function watch(value: object, path: string, asked: Set<string>): Record<string, unknown> {
  return new Proxy(value as Record<string, unknown>, {
    get(target, name) {
      const field = Reflect.get(target, name) as unknown;
      if (typeof name !== 'string') return field;
      asked.add(`${path}/${name}`);
      return typeof field === 'object' && field !== null ? watch(field, `${path}/${name}`, asked) : field;
    },
    ownKeys(target) {
      for (const name of Object.keys(target)) asked.add(`${path}/${name}`);
      return Reflect.ownKeys(target);
    },
  });
}

function* fieldsOf(value: unknown, path: string): Generator<string> {
  if (typeof value !== 'object' || value === null) return;
  for (const [name, field] of Object.entries(value)) {
    yield `${path}/${name}`;
    yield* fieldsOf(field, `${path}/${name}`);
  }
}
