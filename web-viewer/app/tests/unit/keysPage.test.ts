import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { KEY_HELP } from '../../src/flame/keys';

/** The page that compares our keys with those of other tools lists ours as the overview of keys does. */
test('KEYS.md lists what the overview of keys lists', () => {
  const messages = new Map([...readFileSync(new URL('../../src/locale/en.ftl', import.meta.url), 'utf8').matchAll(/^([a-z-]+) = (.*)$/gm)].map(([, id, text]) => [id!, text!.replace(/^\{ "(.*)" \}$/, '$1')]));
  const rows = [...readFileSync(new URL('../../KEYS.md', import.meta.url), 'utf8').matchAll(/^\| `([^`]+)` \| ([^|]+) \|/gm)].map(([, keys, action]) => [keys, action!.trim()]);
  expect(rows).toEqual(KEY_HELP.map(([message, pressed]) => [messages.get(pressed), messages.get(message)]));
});
