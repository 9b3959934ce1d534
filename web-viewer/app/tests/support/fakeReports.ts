import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { BEGIN_NS, HOSTILE } from './synthetic';

export const REPORT = '2345bcdf6789';
export const CLOSED_REPORT = '2222bcdf2222';

/** What a report's own script does: it draws, and tells what it could not do. */
const OWN = `document.getElementById('drawn').textContent = 'drawn by ' + self.origin;`;

const HASH = `'sha256-${createHash('sha256').update(OWN).digest('base64')}'`;

/** The policy that the viewer's host sends with a report. */
export const REPORT_POLICY =
  `sandbox allow-scripts; default-src 'none'; script-src ${HASH}; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'`;

/** A report as it could be if somebody had smuggled scripts and addresses of elsewhere into it. */
const PAGE = `<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Report</title><style>:root { color-scheme: light dark } body { font: 14px sans-serif }</style></head><body><main>
<h1 id="section-1">What was found</h1><p id="drawn">not drawn</p><p><a href="/process/x/timeline">a link of it</a> <a href="#section-1">a heading</a></p>
<img src="/api/leak-by-image" alt="" onerror="top.hostile = 1"><link rel="stylesheet" href="/api/leak-by-style">
<script>document.getElementById('drawn').textContent = 'smuggled'; top.hostile = 2; fetch('/api/leak-by-script');</script>
<script type="module">document.getElementById('drawn').textContent = 'smuggled';</script>
</main><script type="module">${OWN}</script></body></html>`;

type Report = Record<string, unknown> & { readonly report: string };

export function fakeReport(given: Record<string, unknown> = {}): Report {
  const report = typeof given['report'] === 'string' ? given['report'] : REPORT;
  return { title: 'Frames that hitch in the harbour', created_ns: String(BEGIN_NS), created_by: 'key 0123456789abcdef', expires_ns: null, bytes: 1_534_221, removable: true, ...given, report, path: `/report/${report}` };
}

/** Answers what a viewer host answers about reports. */
export class FakeReports {
  list: Report[] = [];

  constructor() {
    this.reset();
  }

  reset(): void {
    this.list = [
      fakeReport(),
      fakeReport({ report: '3333bcdf3333', title: HOSTILE.name, created_by: HOSTILE.value, expires_ns: String(BEGIN_NS + 86_400_000_000_000n), removable: false }),
      fakeReport({ report: '4444bcdf4444', title: '', bytes: 900 }),
    ];
  }

  /** False where the request is about something else. */
  answer(path: readonly string[], url: URL, request: IncomingMessage, response: ServerResponse): boolean {
    if (path[0] === 'reports' && path[2] === 'content') {
      response.setHeader('content-security-policy', REPORT_POLICY);
      response.setHeader('content-type', 'text/html; charset=utf-8');
      response.end(PAGE);
      return true;
    }
    if (path[0] !== 'api' || path[1] !== 'reports') return false;
    const found = this.list.find(({ report }) => report === path[2]);
    if (path[2] === undefined) {
      const search = (url.searchParams.get('search') ?? '').toLowerCase();
      const reports = this.list.filter((report) => `${String(report['title'])}\n${String(report['created_by'])}`.toLowerCase().includes(search));
      this.#json(response, 200, { total: reports.length, reports });
    } else if (!found) {
      this.#json(response, path[2] === CLOSED_REPORT ? 410 : 404, { error: 'as the test wants it' });
    } else {
      if (request.method === 'DELETE') this.list = this.list.filter((report) => report !== found);
      this.#json(response, 200, found);
    }
    return true;
  }

  #json(response: ServerResponse, status: number, json: unknown): void {
    response.statusCode = status;
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(json));
  }
}
