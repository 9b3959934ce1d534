import { element } from '../flame/dom';
import { visibleText } from '../flame/labels';
import { matchesText } from '../flame/lookup';
import { pathOf, type MergedFrame, type MergedTree } from '../flame/mergedSpans';
import type { Theme } from '../flame/theme';
import { count } from '../locale/format';
import type { Translate } from '../locale/text';
import { formatDuration } from '../time/ns';
import { percent, shareBar, swatch } from './parts';
import { VirtualRows } from './rows';

const ROW_PIXELS = 22;

/** Deeper ones are not moved further to the right, so that names stay in sight. */
const MOST_INDENTS = 24;
const INDENT_PIXELS = 14;

/** A thread, a call path, or what is left out below one of them. */
export interface TreeNode {
  readonly parent: TreeNode | null;
  readonly level: number;
  readonly tree: MergedTree;
  /** `null`: the thread, or what is left out of it. */
  readonly frame: MergedFrame | null;
  /** Call paths that this stands for instead of being one; 0 for others. */
  readonly leftOut: number;
  readonly totalNs: number;
  readonly children: TreeNode[];
  expanded: boolean;
}

/** Threads with their call paths below them. The heaviest path of each is open as far as it is most of the thread. */
export function treeNodes(trees: readonly MergedTree[]): readonly TreeNode[] {
  return trees.map((tree) => {
    const node = (parent: TreeNode | null, frame: MergedFrame | null, leftOut: number, totalNs: number): TreeNode => {
      const made: TreeNode = { parent, level: parent ? parent.level + 1 : 1, tree, frame, leftOut, totalNs, children: [], expanded: false };
      parent?.children.push(made);
      return made;
    };
    const root = node(null, null, 0, tree.totalNs);
    const byFrame = new Map<MergedFrame, TreeNode>();
    for (const frame of tree.frames) byFrame.set(frame, node(frame.parent ? byFrame.get(frame.parent)! : root, frame, 0, frame.totalNs));
    for (const [frame, made] of byFrame) if (frame.leftOut > 0) node(made, frame, frame.leftOut, frame.leftOutNs);
    if (tree.leftOut > 0) node(root, null, tree.leftOut, tree.leftOutNs);
    for (let at: TreeNode | undefined = root; at && at.totalNs > tree.totalNs / 2; at = at.children[0]) at.expanded = at.children.length > 0;
    return root;
  });
}

/** Nodes whose parents are all open, as they stand below one another. */
export function openNodes(roots: readonly TreeNode[]): readonly TreeNode[] {
  const rows: TreeNode[] = [];
  // Not by recursion: call paths may be hundreds of names deep.
  const waiting = [...roots].reverse();
  for (let node = waiting.pop(); node; node = waiting.pop()) {
    rows.push(node);
    if (node.expanded) for (let i = node.children.length - 1; i >= 0; i--) waiting.push(node.children[i]!);
  }
  return rows;
}

interface TreeActions {
  choose(name: string): void;
  theme(): Theme;
}

/** The call paths of each thread as a tree. */
export class CallTree {
  readonly root = element('div', 'tree');
  readonly #t: Translate;
  readonly #actions: TreeActions;
  readonly #rows: VirtualRows;
  #nodes: readonly TreeNode[] = [];
  #shown: readonly TreeNode[] = [];
  #chosen: string | null = null;
  #query = '';

  constructor(t: Translate, actions: TreeActions) {
    this.#t = t;
    this.#actions = actions;
    this.#rows = new VirtualRows('tree', t('graph-tree'), 'path', ROW_PIXELS, { row: (index) => this.#row(index), choose: (index) => this.#choose(index) });
    const head = element('div', 'tree-head', element('span', 'row-name', t('table-name')), element('span', 'number', t('graph-total')), element('span', 'number', t('graph-self')), element('span', 'number calls', t('graph-calls')), element('span', 'number', t('merged-share')));
    head.setAttribute('aria-hidden', 'true');
    this.root.append(head, this.#rows.root);
    // Before the rows take the key.
    this.#rows.root.addEventListener('keydown', (event) => this.#keyDown(event), { capture: true });
    this.#rows.root.addEventListener('click', (event) => {
      const twisty = (event.target as Element).closest('.twisty');
      const node = twisty && this.#shown[Number(twisty.closest<HTMLElement>('.row')?.dataset['index'])];
      if (!node) return;
      this.#expand(node, !node.expanded);
      event.stopPropagation();
    }, { capture: true });
  }

  show(trees: readonly MergedTree[]): void {
    this.#nodes = treeNodes(trees);
    this.#update(0);
  }

  /** Marks every call path of a function, and names that contain a text. */
  mark(chosen: string | null, query: string): void {
    this.#chosen = chosen;
    this.#query = query;
    this.#rows.redraw();
  }

  dispose(): void {
    this.#rows.dispose();
  }

  #update(active: number): void {
    this.#shown = openNodes(this.#nodes);
    this.#rows.show(this.#shown.length, active);
  }

  #expand(node: TreeNode, expanded: boolean): void {
    if (node.children.length === 0) return;
    node.expanded = expanded;
    this.#update(this.#shown.indexOf(node));
  }

  #choose(index: number): void {
    const node = this.#shown[index];
    if (!node) return;
    if (node.frame && node.leftOut === 0) this.#actions.choose(node.frame.name);
    else this.#expand(node, !node.expanded);
  }

  /** The keys of trees: right opens or goes in, left closes or goes out, a star opens all beside it. */
  #keyDown(event: KeyboardEvent): void {
    const node = this.#shown[this.#rows.active];
    if (!node || event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key === 'ArrowRight') {
      if (!node.expanded) this.#expand(node, true);
      else this.#rows.activate(this.#rows.active + 1);
    } else if (event.key === 'ArrowLeft') {
      if (node.expanded) this.#expand(node, false);
      else if (node.parent) this.#rows.activate(this.#shown.indexOf(node.parent));
    } else if (event.key === '*') {
      for (const each of siblingsOf(node, this.#nodes)) each.expanded = each.children.length > 0;
      this.#shown = openNodes(this.#nodes);
      this.#rows.show(this.#shown.length, 0);
      this.#rows.activate(this.#shown.indexOf(node));
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }

  #row(index: number): HTMLElement {
    const node = this.#shown[index]!;
    const { frame, tree, leftOut } = node;
    const isPath = frame !== null && leftOut === 0;
    const name = isPath ? visibleText(frame.name) : leftOut > 0 ? this.#t('graph-more-paths', { count: leftOut }) : visibleText(tree.title) || '·';
    const twisty = element('span', 'twisty', node.children.length === 0 ? '' : node.expanded ? '▾' : '▸');
    twisty.setAttribute('aria-hidden', 'true');
    const label = element('span', 'row-name', twisty, ...(isPath ? [swatch(frame.name, this.#actions.theme())] : []), element('span', isPath ? '' : leftOut > 0 ? 'muted' : 'thread', name));
    label.style.paddingLeft = `${INDENT_PIXELS * Math.min(MOST_INDENTS, node.level - 1)}px`;
    const made = element('div', 'row', label,
      element('span', 'number', formatDuration(node.totalNs)), element('span', 'number', isPath ? formatDuration(frame.selfNs) : ''), element('span', 'number calls', isPath ? count(frame.count) : ''),
      element('span', 'number of-thread', this.#t('graph-percent', { share: percent(node.totalNs, tree.totalNs) }), shareBar(node.totalNs, tree.totalNs)));
    made.dataset['index'] = String(index);
    made.title = isPath ? visibleText(pathOf(frame).join(' > ')) : name;
    made.classList.toggle('hit', isPath && this.#query !== '' && matchesText(frame.name, this.#query));
    made.setAttribute('role', 'treeitem');
    made.setAttribute('aria-level', String(node.level));
    made.setAttribute('aria-selected', String(isPath && frame.name === this.#chosen));
    if (node.children.length > 0) made.setAttribute('aria-expanded', String(node.expanded));
    const siblings = siblingsOf(node, this.#nodes);
    made.setAttribute('aria-setsize', String(siblings.length));
    made.setAttribute('aria-posinset', String(siblings.indexOf(node) + 1));
    return made;
  }
}

function siblingsOf(node: TreeNode, roots: readonly TreeNode[]): readonly TreeNode[] {
  return node.parent ? node.parent.children : roots;
}
