import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DCLinter } from 'dclint';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { folder, manifestsIn, type Manifest } from './manifest.ts';
import { faultsOf } from './schema.ts';

const kustomization = parse(readFileSync(join(folder, 'kubernetes/kustomization.yaml'), 'utf8')) as { resources: string[]; namespace: string };
const manifests = manifestsIn(join(folder, 'kubernetes')).filter((manifest) => manifest.kind !== 'Kustomization');

/** A field by its path; undefined where any part of it is missing. */
function at(document: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((value, name) => (value as Record<string, unknown> | undefined)?.[name], document);
}

function ofKind(kind: string): Manifest[] {
  return manifests.filter((manifest) => manifest.kind === kind);
}

const named = (manifest: Manifest) => `${manifest.kind} ${String(at(manifest.document, 'metadata.name'))}`;

describe('Kubernetes manifests', () => {
  test.each(manifests.map((manifest) => [`${manifest.file}: ${named(manifest)}`, manifest] as const))('%s follows the schema of its kind', async (_, manifest) => {
    expect(await faultsOf(manifest)).toEqual([]);
  });

  test('a wrong type and a misspelt field are found', async () => {
    const deployment = (container: object) => ({
      file: '',
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      document: { apiVersion: 'apps/v1', kind: 'Deployment', spec: { selector: {}, template: { spec: { containers: [container] } } } },
    });
    expect(await faultsOf(deployment({ name: 'a' }))).toEqual([]);
    expect((await faultsOf(deployment({ name: 1 })))[0]).toContain('must be string');
    expect(await faultsOf(deployment({ name: 'a', readynessProbe: {} }))).toEqual(['/spec/template/spec/containers/0/readynessProbe: the schema has no such field']);
  });

  test('the kustomization names every file but the example of a secret', () => {
    expect([...kustomization.resources, 'secret.example.yaml'].sort()).toEqual([...new Set(manifests.map((manifest) => manifest.file))].sort());
  });

  test('all lie in one namespace', () => {
    for (const manifest of manifests)
      expect(at(manifest.document, manifest.kind === 'Namespace' ? 'metadata.name' : 'metadata.namespace'), named(manifest)).toBe(kustomization.namespace);
  });

  test.each(['ingestion', 'viewer'])('%s has probes, a budget for disruptions and a service that finds its pods', (name) => {
    const [deployment] = ofKind('Deployment').filter((manifest) => at(manifest.document, 'metadata.name') === name);
    const labels = at(deployment.document, 'spec.template.metadata.labels');
    const container = (at(deployment.document, 'spec.template.spec.containers') as object[])[0];
    for (const probe of ['startupProbe', 'livenessProbe', 'readinessProbe']) expect(at(container, `${probe}.httpGet.path`), probe).toMatch(/^\/(health|ready)$/);
    const ports = (at(container, 'ports') as { name: string }[]).map((port) => port.name);
    const [service] = ofKind('Service').filter((manifest) => at(manifest.document, 'metadata.name') === name);
    expect(at(service.document, 'spec.selector')).toEqual(labels);
    expect((at(service.document, 'spec.ports') as { targetPort: string }[]).map((port) => port.targetPort)).toEqual(ports);
    const [budget] = ofKind('PodDisruptionBudget').filter((manifest) => at(manifest.document, 'metadata.name') === name);
    expect(at(budget.document, 'spec.selector.matchLabels')).toEqual(labels);
    expect(at(deployment.document, 'spec.selector.matchLabels')).toEqual(labels);
  });

  test('the autoscaler scales the deployment that leaves its number of replicas open', () => {
    const [autoscaler] = ofKind('HorizontalPodAutoscaler');
    const target = at(autoscaler.document, 'spec.scaleTargetRef.name');
    const [deployment] = ofKind('Deployment').filter((manifest) => at(manifest.document, 'metadata.name') === target);
    expect(at(deployment.document, 'spec.replicas')).toBeUndefined();
  });

  test('pods run as an ordinary user who can write to two volumes and nothing else', () => {
    const pods = [...ofKind('Deployment').map((manifest) => at(manifest.document, 'spec.template.spec')), ...ofKind('CronJob').map((manifest) => at(manifest.document, 'spec.jobTemplate.spec.template.spec'))];
    expect(pods).toHaveLength(3);
    for (const pod of pods) {
      expect(at(pod, 'securityContext.runAsNonRoot')).toBe(true);
      const container = (at(pod, 'containers') as object[])[0];
      expect(at(container, 'securityContext.readOnlyRootFilesystem')).toBe(true);
      expect(at(container, 'securityContext.allowPrivilegeEscalation')).toBe(false);
      expect((at(container, 'volumeMounts') as { mountPath: string }[]).map((mount) => mount.mountPath)).toEqual(['/tmp', '/data']);
    }
  });

  test('secrets are named and never given', () => {
    const texts = kustomization.resources.map((file) => readFileSync(join(folder, 'kubernetes', file), 'utf8'));
    for (const text of texts) expect(text).not.toMatch(/kind: Secret|password/i);
  });
});

describe('compose file', () => {
  test('follows the schema of Compose', () => {
    const linter = new DCLinter({ rules: {}, quiet: false, debug: false, exclude: [] });
    const faults = linter.lintFiles([join(folder, 'compose.yaml')], false).flatMap((file) => file.messages);
    expect(faults.filter((fault) => fault.rule === 'invalid-schema' || fault.rule === 'invalid-yaml')).toEqual([]);
  });

  test('reaches from this machine alone, and asks for its passwords', () => {
    const compose = parse(readFileSync(join(folder, 'compose.yaml'), 'utf8'), { merge: true }) as { services: Record<string, { ports?: string[] }> };
    const ports = Object.values(compose.services).flatMap((service) => service.ports ?? []);
    expect(ports.length).toBeGreaterThan(0);
    for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:/);
  });
});
