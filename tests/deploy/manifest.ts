import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';

/** A file of the deployment, and what kubectl would read out of it. */
export interface Manifest {
  readonly file: string;
  readonly apiVersion: string;
  readonly kind: string;
  readonly document: Record<string, unknown>;
}

export const folder = join(import.meta.dirname, '../../ingestion/deploy');

/** Every manifest of every file in a folder. Duplicate keys and broken YAML are errors. */
export function manifestsIn(directory: string): Manifest[] {
  return readdirSync(directory)
    .filter((file) => file.endsWith('.yaml'))
    .flatMap((file) =>
      parseAllDocuments(readFileSync(join(directory, file), 'utf8'), { merge: true, strict: true }).map((parsed) => {
        if (parsed.errors.length > 0) throw new Error(`${file}: ${parsed.errors[0].message}`);
        const document = parsed.toJS() as Record<string, unknown>;
        return { file, apiVersion: String(document.apiVersion), kind: String(document.kind), document };
      }),
    );
}
