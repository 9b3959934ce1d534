const LETTERS: Readonly<Record<string, string>> = {
  a: 'á', c: 'ç', d: 'ð', e: 'é', g: 'ğ', h: 'ĥ', i: 'í', k: 'ķ', l: 'ĺ', n: 'ñ', o: 'ó', r: 'ŕ', s: 'š', t: 'ţ', u: 'ú', w: 'ŵ', y: 'ý', z: 'ž',
  A: 'Á', C: 'Ç', D: 'Ð', E: 'É', G: 'Ğ', I: 'Í', L: 'Ĺ', N: 'Ñ', O: 'Ó', R: 'Ŕ', S: 'Š', T: 'Ţ', U: 'Ú', W: 'Ŵ', Y: 'Ý',
};

/** Other languages take that much more room than English. */
const LONGER = 0.4;

export const OPENING = '⟦';
export const CLOSING = '⟧';

/** Messages in a language of no country: each in brackets, with accents, and longer. What stands between braces stays. */
export function pseudoFtl(ftl: string): string {
  const lines = ftl.split('\n');
  const out: string[] = [];
  let open = false;
  const close = (): void => {
    if (open) out[out.length - 1] += CLOSING;
    open = false;
  };
  for (const line of lines) {
    const message = /^([a-z][a-z0-9-]*) = ?(.*)$/.exec(line);
    const variant = /^(\s+\*?\[\w+\] )(.*)$/.exec(line);
    if (message) {
      close();
      out.push(`${message[1]!} = ${OPENING}${accented(message[2]!)}`);
      open = true;
    } else if (variant) out.push(variant[1]! + accented(variant[2]!));
    else if (line === '' || line.startsWith('#')) {
      close();
      out.push(line);
    } else out.push(accented(line));
  }
  close();
  return out.join('\n');
}

function accented(text: string): string {
  return text.split(/(\{[^{}]*(?:\}|$)|^\s*\})/).map((part) => {
    if (part.startsWith('{') || part.trim() === '}') return part;
    const letters = part.replace(/[^\p{L}]/gu, '').length;
    return [...part].map((letter) => LETTERS[letter] ?? letter).join('') + '~'.repeat(Math.ceil(letters * LONGER));
  }).join('');
}
