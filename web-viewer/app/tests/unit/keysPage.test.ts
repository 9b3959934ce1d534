import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { KEY_HELP } from '../../src/flame/keys';
import { LOG_KEYS, logCommandOf } from '../../src/logs/keys';

const messages = new Map([...readFileSync(new URL('../../src/locale/en.ftl', import.meta.url), 'utf8').matchAll(/^([a-z-]+) = (.*)$/gm)].map(([, id, text]) => [id!, text!.replace(/^\{ "(.*)" \}$/, '$1')]));
const [chart, logs] = readFileSync(new URL('../../KEYS.md', import.meta.url), 'utf8').split('## Logs');
const rowsOf = (text: string): (readonly [string, string])[] => [...text.matchAll(/^\| `([^`]+)` \| ([^|]+) \|/gm)].map(([, keys, action]) => [keys!, action!.trim()]);
const listed = (keys: readonly (readonly [string, string])[]): unknown => keys.map(([message, pressed]) => [messages.get(pressed), messages.get(message)]);

/** The page that compares our keys with those of other tools lists ours as the overview of keys does. */
test('KEYS.md lists what the overview of keys lists', () => {
  expect(rowsOf(chart!)).toEqual(listed(KEY_HELP));
  expect(rowsOf(logs!)).toEqual(listed(LOG_KEYS));
});

test('keys of logs do what they say where they say it', () => {
  const press = (key: string, shiftKey = false, ctrlKey = false): Parameters<typeof logCommandOf>[0] => ({ key, shiftKey, ctrlKey, altKey: false, metaKey: false });
  expect(['/', '?', 'c', 'p', 'ArrowDown', 'ArrowUp', 'Home', 'x'].map((key) => logCommandOf(press(key, key === '?'), 'page'))).toEqual(['search', 'help', 'neighbours', 'patterns', 'next-line', 'previous-line', null, null]);
  expect(['ArrowUp', 'PageDown', 'Home', 'End'].map((key) => logCommandOf(press(key), 'list'))).toEqual(['previous-line', 'page-down', 'first-line', 'last-line']);
  expect([logCommandOf(press('Enter'), 'histogram'), logCommandOf(press('Enter', true), 'histogram'), logCommandOf(press('ArrowLeft', true), 'histogram'), logCommandOf(press('ArrowDown'), 'histogram')]).toEqual(['show-bars', 'go-to-bar', 'previous-bar', null]);
  expect(logCommandOf(press('c', false, true), 'page')).toBe(null);
});
