import type { Translate } from '../locale/text';
import { button, element } from './dom';
import { visibleText } from './labels';
import { MOST_PROCESSES } from './processes';
import type { Company } from './sharedAxis';

/** A process that may be shown beside the chart's own. */
export interface ProcessChoice {
  readonly process: string;
  readonly program: string;
  /** How many of its ancestors are listed above it. */
  readonly depth: number;
  /** When it ran, and where. */
  readonly facts: string;
}

export interface ProcessMenuOptions {
  /** The process that the chart is of. */
  readonly own: string;
  /** Those that a link names beside it. */
  readonly chosen: readonly string[];
  /** Its ancestors, itself and those that they started, as a tree from top to bottom. */
  readonly family: (signal: AbortSignal) => Promise<readonly ProcessChoice[]>;
  readonly find: (text: string, signal: AbortSignal) => Promise<readonly ProcessChoice[]>;
  /** A reader wants these beside it. */
  readonly choose: (processes: readonly string[]) => void;
}

/** A word typed at speed is one search. */
const TYPING_PAUSE_MS = 200;

/** Pixels for each ancestor. */
const INDENT = 16;

/** Which processes share the axis: parent and children as a tree, and any other that is searched for. */
export class ProcessMenu {
  readonly button: HTMLButtonElement;
  readonly root = element('div', 'help process-menu');
  readonly #t: Translate;
  readonly #options: ProcessMenuOptions;
  readonly #leave: () => void;
  readonly #ended = new AbortController();
  readonly #family = element('div', 'track-list');
  readonly #others = element('div', 'track-list');
  readonly #search = element('input', 'search');
  readonly #note = element('p', 'hint');
  #found: readonly ProcessChoice[] = [];
  #tree: readonly ProcessChoice[] = [];
  #known: ReadonlyMap<string, ProcessChoice> = new Map();
  #problems: ReadonlyMap<string, string> = new Map();
  #chosen: readonly string[];
  #asked = false;
  #typing: ReturnType<typeof setTimeout> | undefined;
  #finding: AbortController | null = null;

  /** `leave` gives the keyboard back to the lanes. */
  constructor(t: Translate, options: ProcessMenuOptions, leave: () => void) {
    this.#t = t;
    this.#options = options;
    this.#leave = leave;
    this.#chosen = options.chosen;
    this.button = button('tool', '', t('axis-title'), () => this.toggle(this.root.hidden));
    this.root.setAttribute('role', 'dialog');
    this.root.setAttribute('aria-label', t('axis-title'));
    this.root.hidden = true;
    this.#search.type = 'search';
    this.#search.placeholder = t('axis-find');
    this.#search.setAttribute('aria-label', t('axis-find'));
    this.#search.spellcheck = false;
    this.#search.autocomplete = 'off';
    this.#search.addEventListener('input', () => {
      clearTimeout(this.#typing);
      this.#typing = setTimeout(() => void this.#find(this.#search.value), TYPING_PAUSE_MS);
    });
    this.#note.setAttribute('role', 'status');
    for (const [list, name] of [[this.#family, t('axis-family')], [this.#others, t('axis-others')]] as const) {
      list.setAttribute('role', 'group');
      list.setAttribute('aria-label', name);
    }
    this.root.append(
      element('div', 'help-head', element('strong', '', t('axis-title')), button('tool', '×', t('help-close'), () => this.toggle(false))),
      element('p', 'hint', t('axis-hint')), this.#family, this.#search, this.#others, this.#note);
    // Letters typed here are not for the chart.
    this.root.addEventListener('keydown', (event) => {
      event.stopPropagation();
      if (event.key === 'Escape') this.toggle(false);
    });
    this.#show();
  }

  toggle(open: boolean): void {
    this.root.hidden = !open;
    this.button.setAttribute('aria-expanded', String(open));
    if (!open) return this.#leave();
    if (!this.#asked) void this.#ask();
    this.#focusFirst();
  }

  /** Takes over which of those that are wanted are there, and why others are not. */
  tell({ further, missing }: Company): void {
    this.#problems = missing;
    for (const { program, manifest: { process } } of further) if (!this.#known.has(process)) this.#learn([{ process, program, depth: 0, facts: '' }]);
    this.#show();
  }

  dispose(): void {
    clearTimeout(this.#typing);
    this.#ended.abort();
    this.#finding?.abort();
  }

  async #ask(): Promise<void> {
    this.#asked = true;
    this.#say(this.#t('axis-loading'));
    try {
      this.#tree = await this.#options.family(this.#ended.signal);
      this.#learn(this.#tree);
      this.#say('');
    } catch (problem) {
      if (this.#ended.signal.aborted) return;
      // Opened again, it asks again.
      this.#asked = false;
      this.#say(this.#t('axis-problem', { problem: messageOf(problem) }));
    }
    this.#show();
    if (!this.root.hidden) this.#focusFirst();
  }

  async #find(text: string): Promise<void> {
    this.#finding?.abort();
    const finding = new AbortController();
    this.#finding = finding;
    try {
      this.#found = text === '' ? [] : await this.#options.find(text, finding.signal);
      if (finding.signal.aborted) return;
      this.#learn(this.#found);
      this.#say(text === '' ? '' : this.#t('axis-found', { count: this.#found.length }));
    } catch (problem) {
      if (finding.signal.aborted) return;
      this.#say(this.#t('axis-problem', { problem: messageOf(problem) }));
    }
    this.#show();
  }

  #learn(choices: readonly ProcessChoice[]): void {
    this.#known = new Map([...this.#known, ...choices.map((choice) => [choice.process, choice] as const)]);
  }

  #choose(process: string, shown: boolean): void {
    this.#chosen = shown ? [...this.#chosen, process] : this.#chosen.filter((each) => each !== process);
    this.#updateBoxes();
    this.#say(this.#isFull ? this.#t('axis-most', { count: MOST_PROCESSES }) : '');
    this.#options.choose(this.#chosen);
  }

  get #isFull(): boolean {
    return this.#chosen.length + 1 >= MOST_PROCESSES;
  }

  /** The box that has the focus keeps it. */
  #show(): void {
    const within = this.root.getRootNode();
    const focused = within instanceof ShadowRoot ? within.activeElement : null;
    const inTree = new Set(this.#tree.map(({ process }) => process));
    const others = [...new Set([...this.#chosen, ...this.#found.map(({ process }) => process)])].filter((process) => !inTree.has(process));
    this.#family.replaceChildren(...this.#tree.map((choice) => this.#row(choice)));
    this.#others.replaceChildren(...others.map((process) => this.#row({ ...(this.#known.get(process) ?? { process, program: '', facts: '' }), depth: 0 })));
    this.#updateBoxes();
    if (focused instanceof HTMLInputElement && focused.type === 'checkbox' && !focused.isConnected)
      [...this.root.querySelectorAll('input')].find(({ type, value }) => type === 'checkbox' && value === focused.value)?.focus({ preventScroll: true });
  }

  #row({ process, program, depth, facts }: ProcessChoice): HTMLElement {
    const box = element('input', '');
    box.type = 'checkbox';
    box.value = process;
    box.addEventListener('change', () => this.#choose(process, box.checked));
    const problem = this.#problems.get(process);
    const own = process === this.#options.own ? this.#t('axis-own') : '';
    const row = element('label', 'track-choice', box,
      element('span', 'track-name', visibleText(program === '' ? process : program)),
      element('span', 'hint', visibleText([own, facts, program === '' ? '' : process].filter((fact) => fact !== '').join(' · '))),
      ...(problem === undefined ? [] : [element('span', 'failed', visibleText(problem))]));
    row.style.paddingLeft = `${depth * INDENT}px`;
    return row;
  }

  #updateBoxes(): void {
    const shown = this.#chosen.filter((process) => !this.#problems.has(process)).length + 1;
    const label = shown === 1 ? this.#t('axis-button') : this.#t('axis-button-of', { count: shown });
    this.button.textContent = label;
    for (const box of this.root.querySelectorAll<HTMLInputElement>('.track-choice input')) {
      const own = box.value === this.#options.own;
      box.checked = own || this.#chosen.includes(box.value);
      box.disabled = own || (!box.checked && this.#isFull);
    }
  }

  #focusFirst(): void {
    (this.root.querySelector<HTMLInputElement>('.track-choice input:not(:disabled)') ?? this.#search).focus();
  }

  #say(text: string): void {
    this.#note.textContent = text;
  }
}

function messageOf(problem: unknown): string {
  return problem instanceof Error ? problem.message : String(problem);
}
