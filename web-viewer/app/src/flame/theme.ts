/** Colours of one appearance. All are opaque, so that drawing never blends. */
export interface Theme {
  readonly name: 'light' | 'dark';
  readonly background: string;
  readonly chrome: string;
  readonly text: string;
  readonly muted: string;
  readonly line: string;
  /** How busy the process was, in the overview. */
  readonly activity: string;
  readonly accent: string;
  readonly selection: string;
  /** Moments that a reader marked. */
  readonly mark: string;
  /** Text on rectangles. */
  readonly label: string;
  readonly labelMuted: string;
  /** The background as a pixel. */
  readonly ground: number;
  /** Log entries by level. */
  readonly levels: Readonly<Record<string, string>>;
  /** Curves of counters. */
  readonly counters: readonly string[];
  /** Frames, from those that take as long as usual to those that take far longer. */
  readonly frames: readonly string[];
  /** Pixel of a rectangle by its style, see `styleOf`. */
  readonly fills: Uint32Array;
}

const HUES = 18;
const TONES = 2;
const BUSY_LEVELS = 4;

/** Colours of durations, from short to long, follow those of names. */
export const DURATION_COLORS = 15;
/** Grey, in which no name, duration or depth is drawn. */
export const UNREAD_COLOR = HUES * TONES + DURATION_COLORS;
const COLORS = UNREAD_COLOR + 1;
const STYLES = COLORS * BUSY_LEVELS;

/** Blue for what is over at once, over green and yellow to red. */
const SHORTEST_HUE = 255;
const LONGEST_HUE = 25;

/** Styles of rectangles that don't stand out follow the others, and those of rectangles that may, which are drawn half as high, follow these. */
export const DIMMED = STYLES;
export const HALVED = 2 * STYLES;

/** Share of the rectangle's colour against the background, by how much of its time is covered. */
const BUSY_SHARES = [0.48, 0.66, 0.84, 1] as const;

/** FNV-1a: the same name has the same colour in every process, on every machine. */
export function hashOf(name: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  // The low bits of FNV are weak for short names; folding makes all of them count.
  return (hash ^ (hash >>> 15)) >>> 0;
}

export function colorOfName(nameHash: number): number {
  return nameHash % (HUES * TONES);
}

/** Neighbouring depths have neighbouring hues. */
export function colorOfDepth(depth: number): number {
  return (depth % HUES) * TONES;
}

/** `step` from 0 up to `DURATION_COLORS`, exclusive. */
export function colorOfDuration(step: number): number {
  return HUES * TONES + step;
}

/** Index of a rectangle's pixel among the theme's fills. */
export function styleOf(color: number, busy: number): number {
  const level = busy >= 224 ? 3 : busy >> 6 > 2 ? 2 : busy >> 6;
  return color * BUSY_LEVELS + level;
}

type Rgb = readonly [number, number, number];

/** OKLCH to sRGB after Björn Ottosson, https://bottosson.github.io/posts/oklab/. */
function oklch(lightness: number, chroma: number, hue: number): Rgb {
  const a = chroma * Math.cos((hue * Math.PI) / 180);
  const b = chroma * Math.sin((hue * Math.PI) / 180);
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  const gamma = (c: number): number =>
    255 * Math.min(1, Math.max(0, c <= 0.0031308 ? 12.92 * c : 1.055 * c ** (1 / 2.4) - 0.055));
  return [
    gamma(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
    gamma(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
    gamma(-0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s),
  ];
}

/** A pixel as ImageData holds it on little-endian machines, which all that run a browser are. */
function pixel([red, green, blue]: Rgb): number {
  return ((255 << 24) | (Math.round(blue) << 16) | (Math.round(green) << 8) | Math.round(red)) >>> 0;
}

function mix(color: Rgb, ground: Rgb, share: number): number {
  const part = (i: 0 | 1 | 2): number => color[i] * share + ground[i] * (1 - share);
  return pixel([part(0), part(1), part(2)]);
}

/** `doubt`: lightness of what may stand out, in no colour, as that of the longest span would tell of another name. */
function fills(ground: Rgb, lightness: readonly [number, number], chroma: number, dimmed: number, doubt: number): Uint32Array {
  const bright: number[] = [];
  const dim: number[] = [];
  const halved: number[] = [];
  const doubtful = pixel(oklch(doubt, 0, 0));
  for (let color = 0; color < COLORS; color++) {
    const step = color - HUES * TONES;
    const hue = step < 0 ? (color >> 1) * (360 / HUES) + 20 : SHORTEST_HUE + (step / (DURATION_COLORS - 1)) * (LONGEST_HUE - SHORTEST_HUE);
    const rgb = oklch(lightness[step < 0 ? color % TONES : 0]!, color === UNREAD_COLOR ? 0 : chroma, hue);
    const grey = oklch(lightness[0], 0.01, hue);
    for (const share of BUSY_SHARES) {
      bright.push(mix(rgb, ground, share));
      dim.push(mix(grey, ground, share * dimmed));
      halved.push(doubtful);
    }
  }
  return Uint32Array.from([...bright, ...dim, ...halved]);
}

export const LIGHT: Theme = {
  name: 'light',
  background: '#ffffff',
  chrome: '#f4f5f7',
  text: '#1c2128',
  muted: '#5a6370',
  line: '#d9dde3',
  activity: '#a7b1be',
  accent: '#1763bd',
  selection: '#0b1016',
  mark: '#b3206e',
  label: '#16191d',
  labelMuted: '#4b525c',
  ground: pixel([255, 255, 255]),
  levels: { trace: '#c3cad3', debug: '#b3bcc7', info: '#7f9dc0', warn: '#d99a2b', error: '#c8372d', fatal: '#8e1f86' },
  frames: ['#4c9f6b', '#9aa83a', '#d9ae2b', '#dd7f2c', '#c8372d'],
  counters: ['#2f74c0', '#2f8f5b', '#a65f1a', '#7a52b3', '#0f8a94', '#b0416f'],
  fills: fills([255, 255, 255], [0.82, 0.76], 0.095, 0.3, 0.6),
};

export const DARK: Theme = {
  name: 'dark',
  background: '#131519',
  chrome: '#1a1d22',
  text: '#d7dbe1',
  muted: '#9aa2af',
  line: '#2c3138',
  activity: '#59636f',
  accent: '#5aa2f5',
  selection: '#ffffff',
  mark: '#f279b8',
  label: '#f3f5f7',
  labelMuted: '#c3c9d1',
  ground: pixel([19, 21, 25]),
  levels: { trace: '#434a54', debug: '#515a66', info: '#5b80ab', warn: '#dba23c', error: '#f2685e', fatal: '#d673cf' },
  frames: ['#3f8f5e', '#8d9a37', '#c59d2e', '#d07a32', '#e0564d'],
  counters: ['#5aa2f5', '#5fce8d', '#e0a05a', '#a98ae6', '#4cc3cd', '#e387ae'],
  fills: fills([19, 21, 25], [0.57, 0.5], 0.115, 0.28, 0.62),
};

/** The theme of what `element` stands on: a notebook may be light on a machine set to dark. */
export function themeOf(element: Element): Theme {
  for (let node: Element | null = element; node; node = node.parentElement) {
    const parts = getComputedStyle(node).backgroundColor.match(/[\d.]+/g)?.map(Number) ?? [];
    const [red = 0, green = 0, blue = 0, alpha = 1] = parts;
    if (parts.length >= 3 && alpha > 0.5) return 0.299 * red + 0.587 * green + 0.114 * blue < 128 ? DARK : LIGHT;
  }
  const followsSystem = getComputedStyle(document.documentElement).colorScheme.includes('dark');
  return followsSystem && matchMedia('(prefers-color-scheme: dark)').matches ? DARK : LIGHT;
}
