/** How the calls of a process are shown: around one function, from the roots down, or as a drawing of all. */
export type GraphView = 'butterfly' | 'tree' | 'nodes';

/** In the order in which a key walks through them. */
export const GRAPH_VIEWS: readonly GraphView[] = ['butterfly', 'tree', 'nodes'];

/** `null` where the text names none. */
export function graphViewOf(text: unknown): GraphView | null {
  return GRAPH_VIEWS.find((view) => view === text) ?? null;
}

export function viewAfter(view: GraphView): GraphView {
  return GRAPH_VIEWS[(GRAPH_VIEWS.indexOf(view) + 1) % GRAPH_VIEWS.length]!;
}

/** All that a link must carry to show the same again. */
export interface GraphState {
  readonly view: GraphView;
  /** The chosen function; `null`: nobody has chosen one, and the one of most self time is shown. */
  readonly fn: string | null;
  readonly query: string;
}
