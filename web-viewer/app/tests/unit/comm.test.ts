import { afterEach, describe, expect, test } from 'vitest';
import { CellComm, classicNotebook, type ClassicNotebook, type NotebookCell } from '../../src/cells/comm';

type Message = { content: { data: unknown }; buffers?: (ArrayBuffer | ArrayBufferView)[] };

/** A classic Notebook as far as comms go. */
class FakeNotebook {
  readonly sent: unknown[] = [];
  readonly opened: unknown[] = [];
  readonly #listeners = new Set<() => void>();
  #message: (message: Message) => void = () => {};
  #close: (message: Message) => void = () => {};
  closed = 0;
  kernel: ClassicNotebook['kernel'] = null;
  readonly events = {
    on: (name: string, listener: () => void): void => void (name === 'kernel_ready.Kernel' && this.#listeners.add(listener)),
    off: (_name: string, listener: () => void): void => void this.#listeners.delete(listener),
  };

  get_cells(): readonly NotebookCell[] {
    return [];
  }

  start(isReady = true): void {
    this.kernel = {
      is_connected: () => true,
      info_reply: isReady ? { status: 'ok' } : {},
      comm_manager: {
        new_comm: (target: string, data: unknown) => {
          this.opened.push([target, data]);
          return {
            send: (sent: unknown) => this.sent.push(sent),
            close: () => void this.closed++,
            on_msg: (listener) => { this.#message = listener; },
            on_close: (listener) => { this.#close = listener; },
          };
        },
      },
    };
    for (const listener of [...this.#listeners]) listener();
  }

  tell(data: unknown, ...buffers: (ArrayBuffer | ArrayBufferView)[]): void {
    this.#message({ content: { data }, buffers });
  }

  close(problem: string): void {
    this.#close({ content: { data: { problem } } });
  }

  async open(): Promise<CellComm> {
    this.start();
    const opening = CellComm.open(this, 'legion-1');
    await Promise.resolve();
    this.tell({ open: true });
    return opening;
  }
}

const never = new AbortController().signal;

describe('the comm of a cell', () => {
  afterEach(() => {
    delete (globalThis as { Jupyter?: unknown }).Jupyter;
  });

  test('is there in the classic Notebook only', () => {
    expect(classicNotebook()).toBeNull();
    const notebook = new FakeNotebook();
    (globalThis as { Jupyter?: unknown }).Jupyter = { notebook };
    expect(classicNotebook()).toBe(notebook);
  });

  test('waits until the kernel is ready, and until it knows the cell', async () => {
    const notebook = new FakeNotebook();
    const opening = CellComm.open(notebook, 'legion-1');
    notebook.start(false);
    await Promise.resolve();
    expect(notebook.opened).toEqual([]);
    notebook.start();
    await new Promise((resolve) => setImmediate(resolve));
    expect(notebook.opened).toEqual([['legion.cell', { cell: 'legion-1' }]]);
    notebook.tell({ open: true });
    const comm = await opening;
    expect(comm.selected).toBeNull();
  });

  test('knows what was selected before the page was loaded again', async () => {
    const notebook = new FakeNotebook();
    notebook.start();
    const opening = CellComm.open(notebook, 'legion-1');
    await Promise.resolve();
    notebook.tell({ open: true, selected: { begin_ns: '5' } });
    expect((await opening).selected).toEqual({ begin_ns: '5' });
  });

  test('is refused with the reason of a kernel that does not know the cell', async () => {
    const notebook = new FakeNotebook();
    notebook.start();
    const opening = CellComm.open(notebook, 'legion-1');
    await Promise.resolve();
    notebook.close('run it again');
    await expect(opening).rejects.toThrow('run it again');
  });

  test('tells which requests used what was selected before', async () => {
    const notebook = new FakeNotebook();
    const comm = await notebook.open();
    const outdated: (readonly string[])[] = [];
    comm.outdated = (requests) => void outdated.push(requests);
    notebook.tell({ stale: ['a', 7, 'b'] });
    notebook.tell({ stale: 'a' });
    expect(outdated).toEqual([['a', 'b']]);
  });

  test('gives each question its answer, with buffers of either kind', async () => {
    const notebook = new FakeNotebook();
    const comm = await notebook.open();
    const [first, second] = [comm.ask({ a: 1 }, never), comm.ask({ b: 2 }, never)];
    expect(notebook.sent).toEqual([{ ask: 1, question: { a: 1 } }, { ask: 2, question: { b: 2 } }]);
    notebook.tell({ answer: 2, json: { two: true } }, Uint8Array.of(9, 8, 7).buffer, new DataView(Uint8Array.of(1, 2, 3).buffer, 1, 2));
    notebook.tell({ answer: 1, problem: 'no such thing' });
    expect(await second).toEqual({ json: { two: true }, buffers: [Uint8Array.of(9, 8, 7), Uint8Array.of(2, 3)] });
    await expect(first).rejects.toThrow('no such thing');
  });

  test('takes questions back', async () => {
    const notebook = new FakeNotebook();
    const comm = await notebook.open();
    const controller = new AbortController();
    const answer = comm.ask({ a: 1 }, controller.signal);
    controller.abort();
    await expect(answer).rejects.toThrow(/abort/i);
    expect(notebook.sent.slice(1)).toEqual([{ cancel: 1 }]);
    notebook.tell({ answer: 1, json: {} });
    await expect(comm.ask({ a: 1 }, controller.signal)).rejects.toThrow(/abort/i);
    expect(notebook.sent.length).toBe(2);
  });

  test('that is lost fails what was asked and is asked, once', async () => {
    const notebook = new FakeNotebook();
    const comm = await notebook.open();
    const lost: string[] = [];
    comm.lost = (problem) => lost.push(problem);
    const answer = comm.ask({}, never);
    notebook.close('the kernel is another');
    await expect(answer).rejects.toThrow('the kernel is another');
    await expect(comm.ask({}, never)).rejects.toThrow('the kernel is another');
    comm.select({ begin_ns: '1' });
    comm.close();
    expect([lost, notebook.sent.length, notebook.closed]).toEqual([['the kernel is another'], 1, 0]);
  });

  test('tells what is selected, and is told where that is no selection', async () => {
    const notebook = new FakeNotebook();
    const comm = await notebook.open();
    const refused: string[] = [];
    comm.refused = (problem) => refused.push(problem);
    comm.select({ begin_ns: '1' });
    comm.select(null);
    notebook.tell({ problem: 'expected end_ns' });
    expect([notebook.sent, refused]).toEqual([[{ select: { begin_ns: '1' } }, { select: null }], ['expected end_ns']]);
  });
});
