import { FlameChart } from '../flame/chart';
import { colorByOf } from '../flame/color';
import { element } from '../flame/dom';
import { LoadedSpans, type SpanLookup } from '../flame/lookup';
import { modeOf } from '../flame/mode';
import type { AtRest, FlameState } from '../flame/options';
import { t } from '../locale/text';
import { ViewerApi } from '../host/api';
import { ApiMerged } from '../host/apiMerged';
import { ApiSpans } from '../host/apiSpans';
import { ApiStatistics } from '../host/apiStatistics';
import { parseManifest, type Manifest } from '../tiles/manifest';
import { CommTileSource, EmbeddedTileSource, HttpTileSource, type TileSource } from '../tiles/source';
import { formatDuration, parseNs } from '../time/ns';
import { CellTimeline, CommTimeline } from './cellTimeline';
import type { CellComm } from './comm';
import { CommStatistics } from './commStatistics';
import { askForTiles, CommSpanApi } from './commSpans';
import { openComm, SelectionLine, viewerLink, whenRemoved } from './liveCell';
import { CommMerged, SavedMerged } from './mergedSources';
import { fields, httpAddress, messageOf, rangeOf, type CellModel, type Fields } from './model';

/** Of the chart, without what stands above its lanes. */
const DEFAULT_HEIGHT_PIXELS = 360;

/**
 * Draws the model into `el` and returns what takes it away again.
 * Rejected, with a line in `el`, where the kernel that should answer the cell doesn't know it: what was saved stays.
 */
export async function render({ model, el }: { model: CellModel; el: HTMLElement }): Promise<() => void> {
  const comm = fields(model.get('source'))['kind'] === 'comm' ? await openComm(model, el) : null;
  const host = element('div', '');
  const timeline = CellTimeline.of(model.get('timeline'));
  const height = Number(model.get('height') ?? 0);
  host.style.height = `${Number.isFinite(height) && height > 0 ? height : DEFAULT_HEIGHT_PIXELS + (timeline?.height ?? 0)}px`;
  el.append(host);
  try {
    const cell = new FlameCell(model, host, comm, timeline);
    return () => cell.dispose();
  } catch (problem) {
    host.remove();
    comm?.close();
    const note = element('p', '', t('cell-problem', { problem: messageOf(problem) }));
    el.append(note);
    return () => note.remove();
  }
}

class FlameCell {
  readonly #model: CellModel;
  readonly #host: HTMLElement;
  readonly #comm: CellComm | null;
  readonly #chart: FlameChart;
  readonly #line: SelectionLine | null;
  /** Below the chart: what is selected, or that this is all there is. */
  readonly #below: HTMLElement | null;

  constructor(model: CellModel, host: HTMLElement, comm: CellComm | null, timeline: CellTimeline | null) {
    this.#model = model;
    this.#host = host;
    this.#comm = comm;
    const manifest = parseManifest(model.get('manifest'));
    const source = fields(model.get('source'));
    const address = source['kind'] === 'http' ? httpAddress(source['url']) : null;
    this.#chart = new FlameChart(host, {
      manifest,
      source: tileSource(source, address, manifest, comm),
      lookup: (cache, layout): SpanLookup =>
        comm !== null ? new ApiSpans(new CommSpanApi(comm), manifest.process)
        : address !== null ? new ApiSpans(new ViewerApi(address), manifest.process)
        : new LoadedSpans(manifest, layout, cache, timeline?.asyncSpans ?? []),
      t,
      initial: initialState(model, comm?.selected ?? null),
      changed: (rest) => this.#changed(rest),
      keys: 'chart',
      logsLink: null,
      processes: null,
      company: null,
      merged: comm !== null ? new CommMerged(comm) : address !== null ? new ApiMerged(new ViewerApi(address), manifest.process) : SavedMerged.of(model.get('merged')),
      statistics: comm !== null ? new CommStatistics(comm) : address !== null ? new ApiStatistics(new ViewerApi(address), manifest.process) : null,
      timeline: timeline?.options(manifest.process, comm !== null ? new CommTimeline(comm) : address !== null ? new ViewerApi(address) : null) ?? null,
    });
    const link = viewerLink(model);
    if (link) this.#chart.bar.extra.append(link);
    this.#line = comm && new SelectionLine(comm);
    this.#below = this.#line?.root ?? (source['kind'] === 'comm' ? element('p', '', t('cell-saved-view')) : null);
    if (this.#below) host.after(this.#below);
    if (comm) whenRemoved(host, () => this.dispose());
  }

  dispose(): void {
    this.#comm?.close();
    this.#chart.dispose();
    this.#below?.remove();
    this.#host.remove();
  }

  /** Tells the notebook what is selected. Times are decimal strings, as everywhere outside the browser. */
  #changed({ state, selection: span, selectedRange, merged }: AtRest): void {
    const range = merged?.range ?? state.range ?? selectedRange;
    // A merged frame is many spans: it has a path and a time, and is no span.
    const selection = merged ? null : span;
    const selected = range && {
      stream_id: merged?.stream ?? selection?.stream ?? null,
      span_id: selection?.span.toString() ?? null,
      name: merged?.path.at(-1) ?? selection?.name ?? null,
      path: merged?.path ?? null,
      begin_ns: range.beginNs.toString(),
      end_ns: range.endNs.toString(),
    };
    this.#model.set?.('selection', selected);
    this.#model.save_changes?.();
    // Of what was selected before, the details are still on their way.
    if (!merged && state.selection && !span) return;
    const what = range && (merged ? t('cell-selected-path', { duration: formatDuration(Number(range.endNs - range.beginNs)) }) : t('cell-selected', { duration: formatDuration(Number(range.endNs - range.beginNs)) }));
    this.#line?.select(selected, what, merged?.path.join(' > ') ?? selection?.name ?? t('cell-range'));
  }
}

function tileSource(source: Fields, address: string | null, manifest: Manifest, comm: CellComm | null): TileSource {
  if (address !== null) return new HttpTileSource(address, manifest);
  if (comm !== null) return new CommTileSource((names, signal) => askForTiles(comm, names, signal));
  if (source['kind'] !== 'embedded' && source['kind'] !== 'comm') throw new Error(`source.kind is embedded, comm or http, got ${JSON.stringify(source['kind'])}`);
  const tiles = Object.entries(fields(source['tiles'])).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  return new EmbeddedTileSource(Object.fromEntries(tiles));
}

function initialState(model: CellModel, selected: Fields | null): FlameState {
  const range = selected && rangeOf(selected);
  const { stream_id, span_id } = fields(selected);
  const span = parseNs(typeof span_id === 'string' ? span_id : null);
  const selection = typeof stream_id === 'string' && span !== null ? { stream: stream_id, span } : null;
  const fn = model.get('function');
  return { view: rangeOf(model.get('view')), selection, range: selection ? null : range, query: '', brush: null, marks: [], counters: null, color: colorByOf(model.get('color')) ?? 'name', mode: modeOf(model.get('mode')) ?? 'timeline', fn: typeof fn === 'string' ? fn : null };
}
