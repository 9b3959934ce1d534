import { DirectedGraph } from 'graphology';
import Sigma from 'sigma';
import type { NodeHoverDrawingFunction, NodeLabelDrawingFunction } from 'sigma/rendering';
import { visibleText } from '../flame/labels';
import { matchesText } from '../flame/lookup';
import type { Theme } from '../flame/theme';
import type { DrawnGraph } from './calls';
import { colorOf, shareOf } from './parts';

/** Radii in pixels, by self time. */
const LEAST_RADIUS = 2.5;
const MORE_RADIUS = 14;

/** Widths in pixels, by total time. */
const LEAST_WIDTH = 0.6;
const MORE_WIDTH = 4;

/** Longer names are cut beside nodes; the list has them whole. */
const MOST_LABEL = 48;

/** So many nodes have their names beside them, whatever their size. */
const FEW = 200;

/** Of what was seen, what a key moves or zooms by. */
const PAN_SHARE = 0.15;
const ZOOM_FACTOR = 1.4;

/** Of many nodes, so near that a function is found at once, and some of its neighbours with it. */
const FOCUS_RATIO = 0.35;

interface NodeActions {
  choose(name: string): void;
  /** The browser has taken what draws away. */
  lost(): void;
}

interface NodeLook {
  readonly x: number;
  readonly y: number;
  readonly size: number;
  readonly label: string;
  readonly color: string;
}

interface EdgeLook {
  readonly size: number;
}

/** Draws functions and calls where the host has put them. Its nodes are numbered as the host's functions. */
export class NodeLink {
  readonly #graph = new DirectedGraph<NodeLook, EdgeLook>();
  readonly #drawn: DrawnGraph;
  readonly #sigma: Sigma<NodeLook, EdgeLook>;
  readonly #numbers: ReadonlyMap<string, number>;
  readonly #observer: ResizeObserver;
  readonly #duration: number;
  #theme: Theme;
  #chosen: string | null = null;
  #hovered: string | null = null;
  #query = '';
  #disposed = false;
  /** The hovered or chosen node with its neighbours; `null`: there is none. */
  #near: ReadonlySet<string> | null = null;

  /** Throws where there is no WebGL. */
  constructor(host: HTMLElement, drawn: DrawnGraph, theme: Theme, actions: NodeActions) {
    this.#drawn = drawn;
    this.#theme = theme;
    this.#numbers = new Map(drawn.functions.map(({ name }, i) => [name, i]));
    this.#duration = matchMedia('(prefers-reduced-motion: reduce)').matches ? 1 : 200;
    const most = drawn.functions.reduce((all, { selfNs }) => Math.max(all, selfNs), 0);
    const heaviest = drawn.calls[0]?.totalNs ?? 0;
    drawn.functions.forEach(({ name, selfNs, x, y }, i) => {
      const text = visibleText(name);
      // Areas tell shares. The first layer of the host's y is at the top.
      this.#graph.addNode(String(i), {
        x, y: -y, size: LEAST_RADIUS + MORE_RADIUS * Math.sqrt(shareOf(selfNs, most)),
        label: text.length > MOST_LABEL ? `${text.slice(0, MOST_LABEL)}…` : text, color: colorOf(name, theme),
      });
    });
    // A call of itself would be a line without length.
    for (const { caller, callee, totalNs } of drawn.calls)
      if (caller !== callee) this.#graph.addEdge(String(caller), String(callee), { size: LEAST_WIDTH + MORE_WIDTH * shareOf(totalNs, heaviest) });
    this.#sigma = new Sigma<NodeLook, EdgeLook>(this.#graph, host, {
      allowInvalidContainer: true,
      defaultEdgeType: 'arrow',
      doubleClickZoomingDuration: this.#duration,
      zoomDuration: this.#duration,
      inertiaDuration: this.#duration,
      stagePadding: 40,
      labelFont: getComputedStyle(host).fontFamily,
      labelSize: 11,
      labelRenderedSizeThreshold: drawn.functions.length > FEW ? 5 : 0,
      labelDensity: 2,
      labelGridCellSize: 70,
      minCameraRatio: 0.005,
      maxCameraRatio: 3,
      zIndex: true,
      // Two of 50,000 arrows a frame take long enough without those that move.
      hideEdgesOnMove: drawn.calls.length > 20_000,
      nodeReducer: (node, look) => this.#nodeLook(node, look),
      edgeReducer: (edge, look) => this.#edgeLook(edge, look),
      defaultDrawNodeHover: (context, data, settings) => this.#drawHover(context, data, settings),
      defaultDrawNodeLabel: (context, data, settings) => this.#drawLabel(context, data, settings),
      labelColor: { color: theme.text },
    });
    this.#sigma.on('clickNode', ({ node }) => actions.choose(drawn.functions[Number(node)]!.name));
    this.#sigma.on('enterNode', ({ node }) => this.#hover(node));
    this.#sigma.on('leaveNode', () => this.#hover(null));
    for (const canvas of Object.values(this.#sigma.getCanvases())) canvas.addEventListener('webglcontextlost', () => this.#disposed || actions.lost());
    this.#observer = new ResizeObserver(() => {
      this.#sigma.resize();
      this.#sigma.scheduleRender();
    });
    this.#observer.observe(host);
  }

  /** Highlights a function with its neighbours, and names that contain a text. */
  mark(chosen: string | null, query: string): void {
    const number = chosen === null ? undefined : this.#numbers.get(chosen);
    this.#chosen = number === undefined ? null : String(number);
    this.#query = query;
    this.#update();
  }

  paint(theme: Theme): void {
    this.#theme = theme;
    this.#drawn.functions.forEach(({ name }, i) => this.#graph.setNodeAttribute(String(i), 'color', colorOf(name, theme)));
    this.#sigma.setSettings({ labelColor: { color: theme.text } });
    this.#update();
  }

  /** Puts the chosen function into the middle. */
  focus(): void {
    const place = this.#chosen === null ? undefined : this.#sigma.getNodeDisplayData(this.#chosen);
    if (place) void this.#sigma.getCamera().animate({ x: place.x, y: place.y, ratio: Math.min(this.#graph.order > FEW ? FOCUS_RATIO : 1, this.#sigma.getCamera().ratio) }, { duration: this.#duration });
  }

  fit(): void {
    void this.#sigma.getCamera().animatedReset({ duration: this.#duration });
  }

  zoom(direction: 1 | -1): void {
    const camera = this.#sigma.getCamera();
    const options = { factor: ZOOM_FACTOR, duration: this.#duration };
    void (direction > 0 ? camera.animatedZoom(options) : camera.animatedUnzoom(options));
  }

  /** By a part of what is seen, to the right and down. */
  pan(right: number, down: number): void {
    const camera = this.#sigma.getCamera();
    camera.setState({ x: camera.x + right * PAN_SHARE * camera.ratio, y: camera.y - down * PAN_SHARE * camera.ratio });
  }

  dispose(): void {
    // What lets contexts go tells of it as of any other loss.
    this.#disposed = true;
    this.#observer.disconnect();
    this.#sigma.kill();
  }

  #hover(node: string | null): void {
    this.#hovered = node;
    this.#update();
  }

  #update(): void {
    const middle = this.#hovered ?? this.#chosen;
    this.#near = middle === null ? null : new Set([middle, ...this.#graph.neighbors(middle)]);
    this.#sigma.refresh({ skipIndexation: true });
  }

  /** A search says what stands out; without one, the neighbours do. */
  #standsOut(node: string): boolean {
    if (node === this.#hovered || node === this.#chosen) return true;
    if (this.#query !== '' && this.#hovered === null) return matchesText(this.#drawn.functions[Number(node)]!.name, this.#query);
    return this.#near?.has(node) ?? true;
  }

  #nodeLook(node: string, look: NodeLook): Record<string, unknown> {
    if (!this.#standsOut(node)) return { ...look, color: this.#theme.line, label: '', zIndex: 0 };
    return { ...look, zIndex: 1, highlighted: node === this.#chosen, forceLabel: node === this.#chosen || (this.#query !== '' && this.#graph.order <= FEW) };
  }

  #edgeLook(edge: string, look: EdgeLook): Record<string, unknown> {
    const middle = this.#hovered ?? this.#chosen;
    const [source, target] = this.#graph.extremities(edge);
    // What the middle calls, and what calls it, are told apart by their colours.
    if (middle === source) return { ...look, size: look.size + 0.6, color: this.#theme.counters[0], zIndex: 1 };
    if (middle === target) return { ...look, size: look.size + 0.6, color: this.#theme.counters[2], zIndex: 1 };
    return { ...look, color: this.#theme.line, zIndex: 0 };
  }

  readonly #drawHover: NodeHoverDrawingFunction<NodeLook, EdgeLook> = (context, { x, y, size, label, color }, { labelSize, labelFont, labelWeight }) => {
    context.font = `${labelWeight} ${labelSize}px ${labelFont}`;
    context.beginPath();
    context.arc(x, y, size + 2.5, 0, 2 * Math.PI);
    context.fillStyle = this.#theme.selection;
    context.fill();
    context.beginPath();
    context.arc(x, y, size, 0, 2 * Math.PI);
    context.fillStyle = color;
    context.fill();
    if (!label) return;
    const left = this.#leftOf(context, label, x, size);
    context.fillStyle = this.#theme.chrome;
    context.fillRect(left - 3, y - labelSize / 2 - 4, context.measureText(label).width + 6, labelSize + 8);
    context.fillStyle = this.#theme.text;
    context.fillText(label, left, y + labelSize / 3);
  };

  readonly #drawLabel: NodeLabelDrawingFunction<NodeLook, EdgeLook> = (context, { x, y, size, label }, { labelSize, labelFont, labelWeight }) => {
    if (!label) return;
    context.font = `${labelWeight} ${labelSize}px ${labelFont}`;
    context.fillStyle = this.#theme.text;
    context.fillText(label, this.#leftOf(context, label, x, size), y + labelSize / 3);
  };

  /** Names stand to the right of their nodes, or to the left where the edge would cut them. */
  #leftOf(context: CanvasRenderingContext2D, label: string, x: number, size: number): number {
    const gap = size + 5;
    const width = context.measureText(label).width;
    return x + gap + width > context.canvas.clientWidth && x - gap - width > 0 ? x - gap - width : x + gap;
  }
}
