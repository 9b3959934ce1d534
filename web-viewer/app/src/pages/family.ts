import type { ProcessChoice } from '../flame/processMenu';
import type { ProcessInfo, ProcessPage } from '../host/api';
import { formatDuration, formatInstant, parseNs } from '../time/ns';
import { processTree } from './processTree';
import { programName } from './program';

/** What of the host is asked. */
export interface FamilyApi {
  process(id: string, signal: AbortSignal): Promise<ProcessPage>;
  processes(search: string, signal: AbortSignal): Promise<readonly ProcessInfo[]>;
}

/** A parent's parent's parent tells hardly more; and processes that are each other's parents have no first one. */
const MOST_ANCESTORS = 4;

/** The ancestors of a process, the others that its parent started, itself, and what it started, as a tree; children of children as far as they are among the newest processes. */
export async function familyOf(api: FamilyApi, process: string, signal: AbortSignal): Promise<readonly ProcessChoice[]> {
  const known = new Map<string, ProcessInfo>();
  const own = await api.process(process, signal);
  known.set(own.process_id, own);
  for (const child of own.children) known.set(child.process_id, child);
  let [parent] = own.parent;
  for (let i = 0; parent && i < MOST_ANCESTORS && !known.has(parent.process_id); i++) {
    known.set(parent.process_id, parent);
    const page = await api.process(parent.process_id, signal);
    if (i === 0) for (const child of page.children) if (!known.has(child.process_id)) known.set(child.process_id, child);
    [parent] = page.parent;
  }
  const newest = await api.processes('', signal);
  for (let more = true; more; ) {
    const children = newest.filter(({ process_id, parent_process_id }) => parent_process_id !== null && known.has(parent_process_id) && !known.has(process_id));
    for (const child of children) known.set(child.process_id, child);
    more = children.length > 0;
  }
  return processTree([...known.values()]).map(({ process: info, depth }) => choiceOf(info, depth));
}

export function choiceOf(process: ProcessInfo, depth: number): ProcessChoice {
  const begin = parseNs(process.start_ns);
  const end = parseNs(process.end_ns);
  const facts = [begin === null ? '' : formatInstant(begin, 0), begin !== null && end !== null ? formatDuration(Number(end - begin)) : '', process.computer];
  return { process: process.process_id, program: programName(process.exe), depth, facts: facts.filter((fact) => fact !== '').join(' · ') };
}
