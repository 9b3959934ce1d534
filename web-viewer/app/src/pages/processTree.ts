import type { ProcessInfo } from '../host/api';
import { parseNs } from '../time/ns';

export interface ProcessNode {
  readonly process: ProcessInfo;
  /** 0 for a process whose parent is not in the list. */
  readonly depth: number;
}

/** Live processes first, then the newest, each followed by its children. */
export function processTree(processes: readonly ProcessInfo[]): ProcessNode[] {
  const known = new Set(processes.map((p) => p.process_id));
  const children = new Map<string, ProcessInfo[]>();
  const roots: ProcessInfo[] = [];
  for (const process of processes) {
    const parent = process.parent_process_id;
    if (parent === null || !known.has(parent) || parent === process.process_id) roots.push(process);
    else children.set(parent, [...(children.get(parent) ?? []), process]);
  }
  const nodes: ProcessNode[] = [];
  const seen = new Set<string>();
  const add = (process: ProcessInfo, depth: number): void => {
    if (seen.has(process.process_id)) return;
    seen.add(process.process_id);
    nodes.push({ process, depth });
    for (const child of (children.get(process.process_id) ?? []).sort(liveThenNewest)) add(child, depth + 1);
  };
  for (const root of roots.sort(liveThenNewest)) add(root, 0);
  // Processes that are each other's parents have no root; they are shown all the same.
  for (const process of processes) add(process, 0);
  return nodes;
}

function liveThenNewest(a: ProcessInfo, b: ProcessInfo): number {
  if ((a.end_ns === null) !== (b.end_ns === null)) return a.end_ns === null ? -1 : 1;
  const difference = (parseNs(b.start_ns) ?? 0n) - (parseNs(a.start_ns) ?? 0n);
  return difference > 0n ? 1 : difference < 0n ? -1 : 0;
}
