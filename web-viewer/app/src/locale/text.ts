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

let spoken: Translate = translator(english, 'en');

/**
 * English until a page chooses another language. Cells never do: what stands around them in a notebook, the output of
 * code and magics, is English, and each cell of a report would carry the messages of all languages.
 */
export const t: Translate = (id, args) => spoken(id, args);

/** Texts made from now on are those of `ftl`; `null`: the English ones. */
export function speakWith(ftl: string | null, locale: string): void {
  spoken = translator(ftl ?? english, locale);
}
