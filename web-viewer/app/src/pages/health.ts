import type { ProcessHealth } from '../host/api';
import { t } from '../locale/text';

/** Problems that somebody may have to look into: what was left out on purpose is none. */
export function problemCount({ kinds }: ProcessHealth): number {
  return kinds.reduce((sum, { severity, count }) => (severity === 'info' ? sum : sum + count), 0);
}

/** Events that are missing: those that nobody meant to leave out, and those that were left out on purpose, or erased. */
export function missingEvents({ lost_events, kinds }: ProcessHealth): { lost: bigint; leftOut: bigint } {
  const lost = BigInt(lost_events);
  const meant = kinds.reduce((sum, { severity, events }) => (severity === 'info' ? sum + BigInt(events) : sum), 0n);
  const leftOut = meant < lost ? meant : lost;
  return { lost: lost - leftOut, leftOut };
}

/** What a kind of problem is; one that this page does not know as it came. */
export function kindText(kind: string): string {
  switch (kind) {
    case 'damaged': return t('problem-damaged');
    case 'lost': return t('problem-lost');
    case 'gap': return t('problem-gap');
    case 'clock': return t('problem-clock');
    case 'attachment': return t('problem-attachment');
    default: return kind;
  }
}

/** Why there is a gap. */
export function reasonText(reason: string): string {
  switch (reason) {
    case 'memory': return t('gap-memory');
    case 'spool': return t('gap-spool');
    case 'sampled': return t('gap-sampled');
    case 'damaged': return t('gap-damaged');
    case 'refused': return t('gap-refused');
    case 'erased': return t('gap-erased');
    default: return reason;
  }
}

export function severityText(severity: string): string {
  switch (severity) {
    case 'info': return t('severity-info');
    case 'warn': return t('severity-warn');
    case 'error': return t('severity-error');
    default: return severity;
  }
}

export function classText(streamClass: string): string {
  switch (streamClass) {
    case 'trace': return t('class-trace');
    case 'metric': return t('class-metric');
    case 'log': return t('class-log');
    case 'other': return t('class-other');
    default: return streamClass;
  }
}
