import { readFileSync, readdirSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';

const DIST = new URL('../../dist/', import.meta.url);

const text = (name: string): string => readFileSync(new URL(`assets/${name}`, DIST), 'utf8');

/** What the page loads before it shows anything: its script, and what that imports whatever happens. */
function firstLoad(): Set<string> {
  const html = readFileSync(new URL('index.html', DIST), 'utf8');
  const names = new Set([...html.matchAll(/src="\/assets\/([^"]+\.js)"/g)].map((m) => m[1]!));
  for (const name of names) for (const [, imported] of text(name).matchAll(/(?:from|import)\s*"\.\/([^"]+\.js)"/g)) names.add(imported!);
  return names;
}

test('the first load is at most 120 KB of compressed script', () => {
  const first = firstLoad();
  expect(first.size).toBeGreaterThan(0);
  const bytes = [...first].reduce((sum, name) => sum + gzipSync(text(name)).length, 0);
  expect(bytes).toBeLessThanOrEqual(120 * 1024);
});

test('French comes by itself, for those who read it', () => {
  const french = readdirSync(new URL('assets/', DIST)).filter((name) => name.endsWith('.js') && text(name).includes('nav-metrics = Métriques'));
  expect(french).toEqual([expect.stringMatching(/^fr-/)]);
  expect(firstLoad()).not.toContain(french[0]);
});

test('the page has no script and no style of its own', () => {
  const html = readFileSync(new URL('index.html', DIST), 'utf8');
  expect(html).not.toMatch(/<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)/i);
  for (const [, address] of html.matchAll(/(?:src|href)="([^"]+)"/g)) expect(address).toMatch(/^(\/assets\/|data:image\/svg)/);
});
