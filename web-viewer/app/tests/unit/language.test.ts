import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { count, writeAs } from '../../src/locale/format';
import { chosenLanguage, languageOf, localeOf, remember } from '../../src/locale/language';
import { speakWith, t, translator } from '../../src/locale/text';
import { ticks } from '../../src/time/axis';
import { formatDuration, formatInstant, formatTimeOfDay } from '../../src/time/ns';
import { formatQuantity } from '../../src/time/quantity';

const messages = (language: string): string => readFileSync(join(import.meta.dirname, `../../src/locale/${language}.ftl`), 'utf8');

/** The text of each message, by its id. */
function parts(ftl: string): Map<string, string> {
  const found = new Map<string, string>();
  let id = '';
  for (const line of ftl.split('\n')) {
    const begin = /^([a-z][a-z0-9-]*) =(.*)$/.exec(line);
    if (begin) id = begin[1]!;
    if (line.startsWith('#') || id === '') continue;
    found.set(id, (found.get(id) ?? '') + (begin ? begin[2]! : `\n${line}`));
  }
  return found;
}

const variables = (text: string): string[] => [...new Set([...text.matchAll(/\$([a-z_]+)/g)].map((m) => m[1]!))].sort();

describe('French', () => {
  const english = parts(messages('en'));
  const french = parts(messages('fr'));

  test('has every message, and none besides', () => expect([...french.keys()]).toEqual([...english.keys()]));

  test('says what English says: with the same variables', () => {
    expect(english.size).toBeGreaterThan(200);
    for (const [id, text] of english) expect([id, variables(french.get(id)!)]).toEqual([id, variables(text)]);
  });

  test('counts none and one alike', () => {
    const fr = translator(messages('fr'), 'fr');
    expect([0, 1, 2, 1200].map((total) => fr('search-total', { total }))).toEqual(['aucun résultat', '1 résultat', '2 résultats', '1\u202f200 résultats']);
    // One form for 0 and 1 has to say which.
    for (const [id, text] of french) for (const [variant] of text.matchAll(/\[one\].*/g)) expect([id, variant]).toEqual([id, expect.stringContaining('{ $')]);
  });

  test('has spaces that do not break before its signs', () => {
    // What is to be pressed is a sign of its own.
    for (const [id, text] of french) if (id !== 'press-help') expect([id, / [:;?!%»]|« /.test(text)]).toEqual([id, false]);
  });
});

describe('the language', () => {
  afterEach(() => vi.unstubAllGlobals());
  const browser = (languages: readonly string[], storage: Partial<Storage>): void => {
    vi.stubGlobal('navigator', { languages });
    vi.stubGlobal('localStorage', storage);
  };

  test.each<[readonly string[], string]>([[['fr'], 'fr'], [['fr-CA', 'en'], 'fr'], [['de', 'fr'], 'fr'], [['en-GB', 'fr'], 'en'], [['de'], 'en'], [['frr'], 'en'], [[], 'en'], [['FR-fr'], 'fr']])(
    'of %j is %s', (preferred, language) => expect(languageOf(preferred)).toBe(language));

  test('is written as the reader writes it', () => {
    expect(localeOf('fr', ['de', 'fr-CH', 'fr'])).toBe('fr-CH');
    expect(localeOf('fr', ['en-GB'])).toBe('fr');
  });

  test('is what the reader chose, and what was chosen is kept', () => {
    const kept = new Map<string, string>();
    browser(['en'], { getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => void kept.set(key, value) });
    expect(chosenLanguage()).toBe('en');
    remember('fr');
    expect(chosenLanguage()).toBe('fr');
    kept.set([...kept.keys()][0]!, 'tlh');
    expect(chosenLanguage()).toBe('en');
  });

  test('is the browser\'s where nothing can be kept', () => {
    const refuse = (): never => { throw new DOMException('no', 'SecurityError'); };
    browser(['fr'], { getItem: refuse, setItem: refuse });
    expect(() => remember('en')).not.toThrow();
    expect(chosenLanguage()).toBe('fr');
  });

  test('changes texts that are made from then on', () => {
    expect(t('nav-metrics')).toBe('Metrics');
    speakWith(messages('fr'), 'fr');
    expect(t('nav-metrics')).toBe('Métriques');
    speakWith(null, 'en');
    expect(t('nav-metrics')).toBe('Metrics');
  });
});

describe('in French', () => {
  afterEach(() => writeAs('en'));

  test('numbers, durations, sizes and times have French signs', () => {
    writeAs('fr');
    expect(count(1_234_567)).toBe('1\u202f234\u202f567');
    expect([1_500_000_000, 75.25e9, 999].map(formatDuration)).toEqual(['1,50 s', '1:15,3', '999 ns']);
    expect([formatQuantity(708e6, 'B'), formatQuantity(12.3456, '%'), formatQuantity(1_234_567, '1')]).toEqual(['675,2 Mo', '12,35 %', '1,23\u00a0M']);
    expect(formatInstant(1_795_375_475_123_456_789n, 9, 'UTC')).toBe('22/11/2026 19:24:35,123456789');
    expect(formatTimeOfDay(-1n, 3, 'UTC')).toBe('23:59:59,999');
    const scale = ticks(3_912_000_000, 3_912_025_000, 10_000);
    expect(scale.at.map((ns) => scale.label(ns))).toEqual(['3,912\u200900 s', '3,912\u200901 s', '3,912\u200902 s']);
  });

  test('dates are those of the reader\'s own country', () => {
    writeAs('fr-CA');
    expect(formatInstant(1_795_375_475_123_456_789n, 0, 'UTC')).toMatch(/^2026-11-22/);
  });
});
