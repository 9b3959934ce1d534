import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap, type Completion, type CompletionContext, type CompletionResult } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { PostgreSQL, SQLDialect, sql, type SQLNamespace } from '@codemirror/lang-sql';
import { HighlightStyle, bracketMatching, syntaxHighlighting } from '@codemirror/language';
import { Compartment, EditorState, Prec, StateEffect, StateField, type Extension } from '@codemirror/state';
import { Decoration, EditorView, drawSelection, highlightSpecialChars, keymap, lineNumbers, type DecorationSet } from '@codemirror/view';
import { tags } from '@lezer/highlight';
import { styledShadow } from '../flame/dom';
import type { SavedQuery, ViewInfo } from '../host/api';
import { t } from '../locale/text';
import styles from './editor.css?inline';
import { FUNCTIONS } from './functions';
import { sqlName, sqlView, wordAt } from './names';

export interface EditorOptions {
  readonly text: string;
  readonly changed: (text: string) => void;
  readonly run: () => void;
}

/** Words that are offered and coloured: those of DuckDB's SELECT. All words of all standards would hide the names. */
const KEYWORDS = 'all and any anti as asc asof between both by case cast collate cross current describe desc distinct else end escape except exclude exists explain false fetch filter first following from full group grouping having ilike '
  + 'in inner intersect interval into is join last lateral leading left like limit materialized natural not null nulls offset on or order outer over partition pivot positional preceding qualify range recursive replace right row rows '
  + 'sample select semi sets similar summarize table tablesample then to trailing true try_cast unbounded union unnest unpivot using values when where window with within';
const TYPES = 'bigint blob boolean date decimal double enum float hugeint int integer interval json list map real smallint struct text time timestamp timestamp_ms timestamp_ns timestamptz tinyint ubigint uinteger usmallint utinyint uuid varchar';

const DIALECT = SQLDialect.define({ keywords: KEYWORDS, types: TYPES, operatorChars: PostgreSQL.spec.operatorChars ?? '', specialVar: '$' });

const MARKED = Decoration.mark({ class: 'problem' });

/** `null`: nothing is marked. */
const markProblem = StateEffect.define<{ from: number; to: number } | null>();

/** Where the last answer said that something is wrong, until it is changed. */
const problemMark = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(marks, transaction) {
    let now = transaction.docChanged ? Decoration.none : marks;
    for (const effect of transaction.effects) if (effect.is(markProblem)) now = effect.value ? Decoration.set([MARKED.range(effect.value.from, effect.value.to)]) : Decoration.none;
    return now;
  },
  provide: (field) => EditorView.decorations.from(field),
});

const COLORS = HighlightStyle.define([
  { tag: tags.keyword, class: 'sql-keyword' },
  { tag: [tags.string, tags.special(tags.string)], class: 'sql-string' },
  { tag: [tags.number, tags.bool, tags.null], class: 'sql-number' },
  { tag: tags.comment, class: 'sql-comment' },
  { tag: [tags.typeName, tags.standard(tags.name)], class: 'sql-type' },
]);

/** Where SQL is written, below a shadow root: its styles then need no style element, which pages must not have. */
export class SqlEditor {
  readonly #view: EditorView;
  readonly #known = new Compartment();

  constructor(host: HTMLElement, options: EditorOptions) {
    const root = styledShadow(host, styles);
    this.#view = new EditorView({
      root,
      parent: root,
      doc: options.text,
      extensions: [
        // Before the others, as one of them has a meaning of its own for the same key.
        Prec.highest(keymap.of([{ key: 'Mod-Enter', run: () => (options.run(), true) }])),
        lineNumbers(), highlightSpecialChars(), history(), drawSelection(), bracketMatching(), closeBrackets(), autocompletion({ icons: false }),
        // Tab is not among them: it goes on to the next control, as everywhere on a page.
        keymap.of([...closeBracketsKeymap, ...completionKeymap, ...historyKeymap, ...defaultKeymap]),
        EditorView.lineWrapping, problemMark, syntaxHighlighting(COLORS), EditorState.phrases.of(phrases()),
        EditorView.contentAttributes.of({ 'aria-label': t('query-editor'), spellcheck: 'false', autocapitalize: 'off', autocorrect: 'off' }),
        this.#known.of(languageOf([], [])),
        EditorView.updateListener.of((update) => {
          if (update.docChanged) options.changed(update.state.doc.toString());
        }),
      ],
    });
  }

  get text(): string {
    return this.#view.state.doc.toString();
  }

  /** What is offered while somebody types. */
  know(views: readonly ViewInfo[], queries: readonly SavedQuery[]): void {
    this.#view.dispatch({ effects: this.#known.reconfigure(languageOf(views, queries)) });
  }

  focus(): void {
    this.#view.focus();
  }

  /** Puts another text in place of all. It can be undone. */
  replace(text: string): void {
    this.#view.dispatch({ changes: { from: 0, to: this.#view.state.doc.length, insert: text }, selection: { anchor: text.length } });
  }

  /** Puts a text where the caret is, in place of what is selected. */
  insert(text: string): void {
    this.#view.dispatch(this.#view.state.replaceSelection(text), { scrollIntoView: true });
    this.#view.focus();
  }

  /** Marks the word at a place and puts the caret there; `null`: marks nothing any more. */
  mark(position: number | null): void {
    if (position === null) {
      this.#view.dispatch({ effects: markProblem.of(null) });
      return;
    }
    const { from, to } = wordAt(this.text, position);
    this.#view.dispatch({ effects: markProblem.of(to > from ? { from, to } : null), selection: { anchor: from }, scrollIntoView: true });
    this.#view.focus();
  }

  dispose(): void {
    this.#view.destroy();
  }
}

function languageOf(views: readonly ViewInfo[], queries: readonly SavedQuery[]): Extension {
  const support = sql({ dialect: DIALECT, schema: schemaOf(views, queries), upperCaseKeywords: true });
  const functions = FUNCTIONS.map((name): Completion => ({ label: name, apply: `${name}(`, type: 'function', boost: -1 }));
  return [support, DIALECT.language.data.of({ autocomplete: (context: CompletionContext) => namesAt(context, views, functions) })];
}

function schemaOf(views: readonly ViewInfo[], queries: readonly SavedQuery[]): SQLNamespace {
  const schema: Record<string, SQLNamespace> = {};
  for (const view of views) {
    const dot = view.name.indexOf('.');
    const own = view.name.slice(dot + 1);
    // The name of an event type may have dots of its own, which are escaped.
    const path = dot < 0 ? own : `${view.name.slice(0, dot)}.${own.replaceAll('.', '\\.')}`;
    schema[path] = { self: { label: own, apply: sqlName(own), info: view.summary, type: 'type' }, children: view.columns.map(completionOf) };
  }
  for (const { name, by } of queries) schema[name] = { self: { label: name, apply: sqlName(name), detail: by, type: 'variable' }, children: [] };
  return schema;
}

function completionOf({ name, type, unit, summary }: ViewInfo['columns'][number]): Completion {
  return { label: name, apply: sqlName(name), detail: unit === '' ? type : `${type}, ${unit}`, info: summary, type: 'property' };
}

/** Columns of the views that the text names, and functions. */
function namesAt(context: CompletionContext, views: readonly ViewInfo[], functions: readonly Completion[]): CompletionResult | null {
  const word = context.matchBefore(/[\w]+/);
  if (!word && !context.explicit) return null;
  const from = word?.from ?? context.pos;
  // Behind a dot stands a column of one view, which the schema knows.
  if (context.state.sliceDoc(from - 1, from) === '.') return null;
  const text = context.state.doc.toString();
  const columns = new Map<string, Completion>();
  for (const view of views) {
    if (!namesView(text, view.name)) continue;
    for (const column of view.columns) if (!columns.has(column.name)) columns.set(column.name, { ...completionOf(column), boost: 1 });
  }
  return { from, options: [...columns.values(), ...functions], validFor: /^\w*$/ };
}

function namesView(text: string, name: string): boolean {
  const escaped = name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`(?<![\\w.])${escaped}(?!\\w)`, 'i').test(text) || (name.includes('.') && text.includes(sqlView(name)));
}

/** What the editor says to those who hear it. */
function phrases(): Record<string, string> {
  return { 'Completions': t('query-completions'), 'Control character': t('query-control-character') };
}
