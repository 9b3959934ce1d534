import { parseNs } from '../time/ns';
import { LANES_PER_GROUP, MAX_LEVEL } from './grid';

export interface StreamLane {
  readonly stream: string;
  readonly name: string;
  readonly threadId: string;
  /** Number of rows, one per depth. */
  readonly depth: number;
}

export interface StreamGroup {
  readonly group: number;
  /** Hash of what the group's tiles were built from: a new hash means new tiles. */
  readonly generation: string;
  readonly streams: readonly StreamLane[];
}

/** What tiles there are for a process. */
export interface Manifest {
  readonly process: string;
  readonly beginNs: bigint;
  readonly endNs: bigint;
  /** The first and last event of the process, of whichever stream. */
  readonly firstNs: bigint;
  readonly lastNs: bigint;
  readonly maxLevel: number;
  readonly groups: readonly StreamGroup[];
  /** Times of which no spans were read yet, in order: there tiles have nothing but what the rows of blocks tell, rectangles without a name and with id 0. */
  readonly unread: readonly { readonly beginNs: bigint; readonly endNs: bigint }[];
  /** How much of what is looked at was read; `null` where nobody asked before all was. */
  readonly pieces: { readonly wanted: number; readonly read: number } | null;
}

export class MalformedManifest extends Error {
  override readonly name = 'MalformedManifest';
}

export function parseManifest(json: unknown): Manifest {
  const root = object(json, 'manifest');
  const beginNs = time(root, 'begin_ns');
  const endNs = time(root, 'end_ns');
  if (endNs < beginNs) throw new MalformedManifest(`end_ns ${endNs} is before begin_ns ${beginNs}`);
  return {
    process: text(root, 'process'),
    beginNs,
    endNs,
    firstNs: root['first_ns'] === undefined ? beginNs : time(root, 'first_ns'),
    lastNs: root['last_ns'] === undefined ? endNs : time(root, 'last_ns'),
    maxLevel: count(root, 'max_level', MAX_LEVEL),
    groups: list(root, 'groups').map(parseGroup),
    unread: root['unread'] === undefined ? [] : list(root, 'unread').map(parseRange),
    pieces: root['pieces'] === undefined ? null : parsePieces(object(root['pieces'], 'pieces')),
  };
}

function parseGroup(json: unknown): StreamGroup {
  const group = object(json, 'group');
  const streams = list(group, 'streams').map((each) => {
    const stream = object(each, 'stream');
    return {
      stream: text(stream, 'stream'),
      name: text(stream, 'name'),
      threadId: text(stream, 'thread_id'),
      depth: count(stream, 'depth', 0xffff),
    };
  });
  if (streams.length > LANES_PER_GROUP)
    throw new MalformedManifest(`a group has at most ${LANES_PER_GROUP} streams, got ${streams.length}`);
  return { group: count(group, 'group', 0xffffffff), generation: text(group, 'g'), streams };
}

function parseRange(json: unknown): { beginNs: bigint; endNs: bigint } {
  const [beginNs, endNs] = (Array.isArray(json) ? json : []).map((ns) => (typeof ns === 'string' ? parseNs(ns) : null));
  if (beginNs == null || endNs == null || endNs < beginNs) throw new MalformedManifest(`a range is two times as decimal strings, got ${JSON.stringify(json)}`);
  return { beginNs, endNs };
}

function parsePieces(fields: Fields): { wanted: number; read: number } {
  const wanted = count(fields, 'wanted', 0xffffffff);
  return { wanted, read: count(fields, 'read', wanted) };
}

type Fields = Readonly<Record<string, unknown>>;

function object(value: unknown, what: string): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new MalformedManifest(`${what} is an object, got ${JSON.stringify(value)}`);
  return value as Fields;
}

function text(fields: Fields, key: string): string {
  const value = fields[key];
  if (typeof value !== 'string') throw new MalformedManifest(`${key} is a string, got ${JSON.stringify(value)}`);
  return value;
}

function count(fields: Fields, key: string, max: number): number {
  const value = fields[key];
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value > max)
    throw new MalformedManifest(`${key} is a whole number up to ${max}, got ${JSON.stringify(value)}`);
  return value;
}

function list(fields: Fields, key: string): readonly unknown[] {
  const value = fields[key];
  if (!Array.isArray(value)) throw new MalformedManifest(`${key} is a list, got ${JSON.stringify(value)}`);
  return value;
}

function time(fields: Fields, key: string): bigint {
  const ns = parseNs(text(fields, key));
  if (ns === null) throw new MalformedManifest(`${key} is nanoseconds as a decimal string, got ${JSON.stringify(fields[key])}`);
  return ns;
}
