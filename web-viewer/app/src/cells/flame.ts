import { FlameChart } from '../flame/chart';
import { element } from '../flame/dom';
import { LoadedSpans } from '../flame/lookup';
import type { AtRest, FlameState } from '../flame/options';
import { t } from '../locale/text';
import { ViewerApi } from '../host/api';
import { ApiSpans } from '../host/apiSpans';
import { parseManifest, type Manifest } from '../tiles/manifest';
import { EmbeddedTileSource, HttpTileSource, type TileSource } from '../tiles/source';
import { parseNs } from '../time/ns';

/** What a notebook front end gives a cell. Only `get` is always there: a report has nobody to talk back to. */
export interface CellModel {
  get(key: string): unknown;
  set?(key: string, value: unknown): void;
  save_changes?(): void;
}

const DEFAULT_HEIGHT_PIXELS = 360;

/** Draws the model into `el` and returns what takes it away again. */
export function render({ model, el }: { model: CellModel; el: HTMLElement }): () => void {
  const host = element('div', '');
  const height = Number(model.get('height') ?? DEFAULT_HEIGHT_PIXELS);
  host.style.height = `${Number.isFinite(height) && height > 0 ? height : DEFAULT_HEIGHT_PIXELS}px`;
  el.append(host);
  try {
    const chart = chartOf(model, host);
    return () => {
      chart.dispose();
      host.remove();
    };
  } catch (problem) {
    host.remove();
    const note = element('p', '', t('cell-problem', { problem: problem instanceof Error ? problem.message : String(problem) }));
    el.append(note);
    return () => note.remove();
  }
}

function chartOf(model: CellModel, host: HTMLElement): FlameChart {
  const manifest = parseManifest(model.get('manifest'));
  const source = fields(model.get('source'));
  const address = source['kind'] === 'http' ? httpAddress(source['url']) : null;
  const chart = new FlameChart(host, {
    manifest,
    source: tileSource(source, address, manifest),
    lookup: (cache, layout) =>
      address === null ? new LoadedSpans(manifest, layout, cache) : new ApiSpans(new ViewerApi(address), manifest.process),
    t,
    initial: initialState(model.get('view')),
    changed: (rest) => publish(model, rest),
    keys: 'chart',
    logsLink: null,
    timeline: null,
  });
  const link = httpAddress(model.get('link'));
  if (link !== null) {
    const anchor = element('a', 'tool', t('cell-open'));
    anchor.href = link;
    anchor.target = '_blank';
    anchor.rel = 'noopener noreferrer';
    chart.bar.extra.append(anchor);
  }
  return chart;
}

function tileSource(source: Fields, address: string | null, manifest: Manifest): TileSource {
  if (address !== null) return new HttpTileSource(address, manifest);
  if (source['kind'] !== 'embedded') throw new Error(`source.kind is embedded or http, got ${JSON.stringify(source['kind'])}`);
  const tiles = Object.entries(fields(source['tiles'])).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  return new EmbeddedTileSource(Object.fromEntries(tiles));
}

function initialState(view: unknown): FlameState {
  const { begin_ns, end_ns } = fields(view);
  const beginNs = parseNs(typeof begin_ns === 'string' ? begin_ns : null);
  const endNs = parseNs(typeof end_ns === 'string' ? end_ns : null);
  const range = beginNs !== null && endNs !== null && endNs > beginNs ? { beginNs, endNs } : null;
  return { view: range, selection: null, range: null, query: '', counters: null };
}

/** Tells the notebook what is selected and shown. Times are decimal strings, as everywhere outside the browser. */
function publish(model: CellModel, { state, selection, selectedRange }: AtRest): void {
  if (!model.set) return;
  const range = state.range ?? selectedRange;
  model.set('selection', range && {
    stream_id: selection?.stream ?? null,
    span_id: selection?.span.toString() ?? null,
    name: selection?.name ?? null,
    begin_ns: range.beginNs.toString(),
    end_ns: range.endNs.toString(),
  });
  model.save_changes?.();
}

type Fields = Readonly<Record<string, unknown>>;

function fields(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}

/** Only addresses that a browser fetches; anything else could be script. */
function httpAddress(value: unknown): string | null {
  return typeof value === 'string' && /^https?:\/\//i.test(value) ? value.replace(/\/+$/, '') : null;
}
