import { describe, expect, test } from 'vitest';
import { parseMerged } from '../../src/flame/mergedSpans';
import { DARK, LIGHT } from '../../src/flame/theme';
import { spansWithin } from '../../src/flame/view';
import { openNodes, treeNodes, type TreeNode } from '../../src/graph/callTree';
import { parseCalls, parseFunctions, parseGraph } from '../../src/graph/calls';
import { GRAPH_VIEWS, graphViewOf, viewAfter } from '../../src/graph/options';
import { colorOf, percent, shareOf } from '../../src/graph/parts';

describe('answers about calls', () => {
  const graph = { from_ns: '1', to_ns: '9', functions: [['a', 2, 100, 70], ['b', 1, 30, 30]], points: [[0, 0], [1.6, -0.5]], calls: [[0, 1, 1, 30]], functions_left_out: 3, calls_left_out: 7 };

  test('are read with the places of their functions', () => expect(parseGraph(graph)).toEqual({
    functions: [{ name: 'a', count: 2, totalNs: 100, selfNs: 70, x: 0, y: 0 }, { name: 'b', count: 1, totalNs: 30, selfNs: 30, x: 1.6, y: -0.5 }],
    calls: [{ caller: 0, callee: 1, count: 1, totalNs: 30 }], functionsLeftOut: 3, callsLeftOut: 7,
  }));

  test('are read around a function, with roots as calls of nobody', () => expect(parseCalls({
    middle: ['', 1, 30, 30], callers: [[null, 1, 5], ['<a>', 2, 25]], callers_left_out: 1, callers_left_out_ns: 2, callees: [], callees_left_out: 0, callees_left_out_ns: 0,
  })).toEqual({
    middle: { name: '', count: 1, totalNs: 30, selfNs: 30 },
    callers: { calls: [{ name: null, count: 1, totalNs: 5 }, { name: '<a>', count: 2, totalNs: 25 }], leftOut: 1, leftOutNs: 2 },
    callees: { calls: [], leftOut: 0, leftOutNs: 0 },
  }));

  test.each([
    ['a function without a place', { ...graph, points: [[0, 0]] }], ['a call to nowhere', { ...graph, calls: [[0, 2, 1, 30]] }], ['a text as a number', { ...graph, calls: [[0, 1, '1', 30]] }],
    ['no list', { ...graph, functions: {} }], ['nothing', null], ['too few values', { ...graph, functions: [['a', 2, 100]] }],
  ])('are refused with %s', (_, json) => expect(() => parseGraph(json)).toThrow(/^expected /));

  test('are refused where a count is missing', () => expect(() => parseFunctions({ spans: 1, functions: [], functions_left_out: 0 })).toThrow('expected a number'));
});

describe('a tree of call paths', () => {
  // a > b > c, with two paths left out below a, and a light thread.
  const { trees } = parseMerged({
    from_ns: '0', to_ns: '9', spans: 4, paths: 6, middle: null, functions: [], functions_left_out: 0, names: ['a', 'b', 'c', 'd'],
    trees: [
      { title: 'main', stream_id: 's', total_ns: 100, left_out: 1, left_out_ns: 10, frames: [[-1, 0, 1, 90, 10, 2, 20], [0, 1, 1, 60, 50, 0, 0], [1, 2, 1, 10, 10, 0, 0]] },
      { title: 'other', stream_id: 't', total_ns: 40, left_out: 0, left_out_ns: 0, frames: [[-1, 3, 1, 15, 15, 0, 0], [-1, 0, 1, 15, 15, 0, 0]] },
    ],
  });
  const text = (node: TreeNode): string => `${' '.repeat(node.level - 1)}${node.leftOut > 0 ? `+${node.leftOut}` : (node.frame?.name ?? node.tree.title)} ${node.totalNs}`;

  test('is open along what is most of a thread, and says what is left out', () =>
    expect(openNodes(treeNodes(trees)).map(text)).toEqual(['main 100', ' a 90', '  b 60', '   c 10', '  +2 20', ' +1 10', 'other 40', ' d 15', ' a 15']));

  test('hides what is below a closed one', () => {
    const nodes = treeNodes(trees);
    nodes[0]!.children[0]!.expanded = false;
    nodes[1]!.expanded = false;
    expect(openNodes(nodes).map(text)).toEqual(['main 100', ' a 90', ' +1 10', 'other 40']);
  });

  test('has levels and neighbours of a node', () => {
    const [main] = treeNodes(trees);
    expect(main!.children.map(({ leftOut, level, parent }) => [leftOut, level, parent === main])).toEqual([[0, 2, true], [1, 2, true]]);
  });
});

describe('what is drawn of a function', () => {
  test('its colour is that of the flame chart', () => {
    for (const theme of [LIGHT, DARK]) {
      const color = colorOf('Physics', theme);
      expect(color).toMatch(/^#[0-9a-f]{6}$/);
      const [red, green, blue] = [1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16)) as [number, number, number];
      expect([...theme.fills]).toContain(((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0);
    }
    expect(colorOf('Physics', LIGHT)).not.toBe(colorOf('Physics', DARK));
  });

  test.each([[1, 4, 0.25], [5, 4, 1], [-1, 4, 0], [0, 0, 0], [3, 0, 0]])('its share of %d of %d stays within the bar', (part, whole, share) => expect(shareOf(part, whole)).toBe(share));

  test('a share has one decimal', () => expect(percent(1, 3)).toBe('33.3'));
});

describe('views', () => {
  test('are walked through to the first again', () => expect(GRAPH_VIEWS.map(viewAfter)).toEqual([...GRAPH_VIEWS.slice(1), GRAPH_VIEWS[0]]));
  test('have names', () => expect([graphViewOf('tree'), graphViewOf('flame'), graphViewOf(null)]).toEqual(['tree', null, null]));
});

describe('a time', () => {
  const whole = { beginNs: 10n, endNs: 20n };
  test.each([
    [5n, 15n, 10n, 15n], [12n, 30n, 12n, 20n], [0n, 99n, 10n, 20n], [0n, 5n, 0n, 5n], [20n, 30n, 20n, 30n],
  ])('from %d to %d is cut to what there is', (beginNs, endNs, begin, end) => expect(spansWithin({ beginNs, endNs }, whole)).toEqual({ beginNs: begin, endNs: end }));
});
