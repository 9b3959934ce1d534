import { fields, type Fields } from './model';

/** The kernel's name for the comms of live cells. */
const TARGET = 'legion.cell';

/** As much of the classic Notebook as cells use. Other front ends give scripts in outputs no way to the kernel. */
export interface ClassicNotebook {
  readonly kernel: NotebookKernel | null;
  readonly events: {
    on(name: string, listener: () => void): void;
    off(name: string, listener: () => void): void;
  };
  get_cells(): readonly NotebookCell[];
}

/** A cell of the page; those of text have neither of the first two. */
export interface NotebookCell {
  /** Of the request that ran it last, if that was since the page was loaded. */
  readonly last_msg_id?: string | null;
  /** `element`: as jQuery has it. Running the cell again empties it. */
  readonly output_area?: { readonly element: ArrayLike<HTMLElement> };
  execute(): void;
}

interface NotebookKernel {
  readonly comm_manager: { new_comm(target: string, data: unknown): NotebookComm };
  /** What the kernel said of itself; empty until it is ready. */
  readonly info_reply: Fields;
  is_connected(): boolean;
}

interface NotebookComm {
  send(data: unknown): void;
  close(): void;
  on_msg(listener: (message: CommMessage) => void): void;
  on_close(listener: (message: CommMessage) => void): void;
}

interface CommMessage {
  readonly content: { readonly data: unknown };
  readonly buffers?: readonly (ArrayBuffer | ArrayBufferView)[];
}

/** `null` where this page is none. */
export function classicNotebook(): ClassicNotebook | null {
  const { notebook } = fields((globalThis as { Jupyter?: unknown }).Jupyter);
  return typeof fields(notebook)['events'] === 'object' ? (notebook as ClassicNotebook) : null;
}

export interface Answer {
  readonly json: Fields;
  readonly buffers: readonly Uint8Array[];
}

interface Asked {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (problem: unknown) => void;
}

/** A live cell's way to the result that it shows. */
export class CellComm {
  /** Called once, when the kernel no longer knows the cell. */
  lost: (problem: string) => void = () => {};
  /** Called when the kernel could not do something with what is selected. */
  refused: (problem: string) => void = () => {};
  /** Called when something else is selected than what cells have used: with the ids of the requests that ran them. */
  outdated: (requests: readonly string[]) => void = () => {};
  /** What was selected in this cell before the page was loaded again; `null`: nothing. */
  selected: Fields | null = null;
  readonly #comm: NotebookComm;
  readonly #asked = new Map<number, Asked>();
  #questions = 0;
  #problem: string | null = null;

  private constructor(comm: NotebookComm) {
    this.#comm = comm;
  }

  /**
   * Waits until there is a kernel: a page that was loaded anew runs the saved outputs before that.
   * Rejected with the kernel's reason where it does not know the cell, as after a restart.
   */
  static async open(notebook: ClassicNotebook, cell: string): Promise<CellComm> {
    const kernel = await readyKernel(notebook);
    const comm = kernel.comm_manager.new_comm(TARGET, { cell });
    const made = new CellComm(comm);
    return new Promise((resolve, reject) => {
      comm.on_close((message) => {
        made.#close(String(fields(message.content.data)['problem'] ?? 'the kernel closed the cell'));
        reject(new Error(made.#problem ?? ''));
      });
      comm.on_msg((message) => {
        const { open, selected } = fields(message.content.data);
        if (open !== true) return made.#receive(message);
        made.selected = typeof selected === 'object' ? (selected as Fields | null) : null;
        resolve(made);
      });
    });
  }

  ask(question: Fields, signal: AbortSignal): Promise<Answer> {
    if (signal.aborted) return Promise.reject(signal.reason);
    if (this.#problem !== null) return Promise.reject(new Error(this.#problem));
    const ask = ++this.#questions;
    return new Promise((resolve, reject) => {
      this.#asked.set(ask, { resolve, reject });
      signal.addEventListener('abort', () => {
        if (!this.#asked.delete(ask)) return;
        this.#comm.send({ cancel: ask });
        reject(signal.reason);
      }, { once: true });
      this.#comm.send({ ask, question });
    });
  }

  /** Tells the kernel what is selected. */
  select(selection: Fields | null): void {
    if (this.#problem === null) this.#comm.send({ select: selection });
  }

  close(): void {
    if (this.#problem !== null) return;
    this.#comm.close();
    this.#close('the cell is gone');
  }

  #receive({ content, buffers }: CommMessage): void {
    const { answer, json, problem, stale } = fields(content.data);
    if (typeof answer !== 'number') {
      if (Array.isArray(stale)) this.outdated(stale.filter((request) => typeof request === 'string'));
      if (typeof problem === 'string') this.refused(problem);
      return;
    }
    const asked = this.#asked.get(answer);
    this.#asked.delete(answer);
    if (typeof problem === 'string') asked?.reject(new Error(problem));
    else asked?.resolve({ json: fields(json), buffers: (buffers ?? []).map(bytesOf) });
  }

  #close(problem: string): void {
    if (this.#problem !== null) return;
    this.#problem = problem;
    for (const { reject } of this.#asked.values()) reject(new Error(problem));
    this.#asked.clear();
    this.lost(problem);
  }
}

function bytesOf(buffer: ArrayBuffer | ArrayBufferView): Uint8Array {
  return ArrayBuffer.isView(buffer) ? new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength) : new Uint8Array(buffer);
}

function readyKernel(notebook: ClassicNotebook): Promise<NotebookKernel> {
  const ready = (): NotebookKernel | null => {
    const { kernel } = notebook;
    return kernel?.is_connected() && Object.keys(kernel.info_reply).length > 0 ? kernel : null;
  };
  const now = ready();
  if (now) return Promise.resolve(now);
  return new Promise((resolve) => {
    const listener = (): void => {
      const kernel = ready();
      if (!kernel) return;
      notebook.events.off('kernel_ready.Kernel', listener);
      resolve(kernel);
    };
    notebook.events.on('kernel_ready.Kernel', listener);
  });
}
