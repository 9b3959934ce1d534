import { FluentBundle, FluentResource, type FluentVariable } from '@fluent/bundle';
import english from './en.ftl?raw';

/** Gives the text of a message in the reader's language. */
export type Translate = (id: string, args?: Record<string, FluentVariable>) => string;

export function translator(ftl: string, locale: string): Translate {
  // Telemetry never goes into a message: it has elements of its own, so isolation marks would only be noise.
  const bundle = new FluentBundle(locale, { useIsolating: false });
  const problems = bundle.addResource(new FluentResource(ftl));
  if (problems.length > 0) throw problems[0];
  return (id, args) => {
    const pattern = bundle.getMessage(id)?.value;
    return pattern ? bundle.formatPattern(pattern, args) : id;
  };
}

export const t: Translate = translator(english, 'en');
