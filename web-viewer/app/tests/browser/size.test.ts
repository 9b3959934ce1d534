import { readFileSync, readdirSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';

const DIST = new URL('../../dist/', import.meta.url);

test('the first load is at most 120 KB of compressed script', () => {
  const scripts = readdirSync(new URL('assets/', DIST)).filter((name) => name.endsWith('.js'));
  expect(scripts.length).toBeGreaterThan(0);
  const bytes = scripts.reduce((sum, name) => sum + gzipSync(readFileSync(new URL(`assets/${name}`, DIST))).length, 0);
  expect(bytes).toBeLessThanOrEqual(120 * 1024);
});

test('the page has no script and no style of its own', () => {
  const html = readFileSync(new URL('index.html', DIST), 'utf8');
  expect(html).not.toMatch(/<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)/i);
  for (const [, address] of html.matchAll(/(?:src|href)="([^"]+)"/g)) expect(address).toMatch(/^(\/assets\/|data:image\/svg)/);
});
