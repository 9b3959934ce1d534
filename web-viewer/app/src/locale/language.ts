import { writeAs } from './format';
import { speakWith } from './text';

export const LANGUAGES = ['en', 'fr'] as const;

export type Language = (typeof LANGUAGES)[number];

/** Where a reader's own choice is kept. A link never has it: it would make its sender's language the reader's. */
const KEY = 'legion-language';

/** The language that the reader chose, or the first one of the browser's that there is. */
export function chosenLanguage(): Language {
  return remembered() ?? languageOf(navigator.languages);
}

export function languageOf(preferred: readonly string[]): Language {
  for (const tag of preferred) {
    const language = LANGUAGES.find((each) => isOf(tag, each));
    if (language) return language;
  }
  return 'en';
}

/** The reader's own kind of a language: which one writes dates and numbers. */
export function localeOf(language: Language, preferred: readonly string[]): string {
  return preferred.find((tag) => isOf(tag, language)) ?? language;
}

/** Keeps the choice for the next visit, where the browser keeps anything. */
export function remember(language: Language): void {
  try {
    localStorage.setItem(KEY, language);
  } catch {
    // A browser that keeps nothing still shows this visit in the chosen language.
  }
}

/** Texts, numbers and dates are in this language from now on. Rejected where its messages do not load; then nothing has changed. */
export async function speak(language: Language): Promise<void> {
  const ftl = language === 'en' ? null : (await import('./fr.ftl?raw')).default;
  const locale = localeOf(language, navigator.languages);
  speakWith(ftl, locale);
  writeAs(locale);
  document.documentElement.lang = language;
}

function remembered(): Language | null {
  try {
    const text = localStorage.getItem(KEY);
    return LANGUAGES.find((each) => each === text) ?? null;
  } catch {
    return null;
  }
}

function isOf(tag: string, language: Language): boolean {
  const lower = tag.toLowerCase();
  return lower === language || lower.startsWith(`${language}-`);
}
