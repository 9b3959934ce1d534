/** A report that somebody published, as the host lists it. All nanoseconds are decimal strings. */
export interface ReportInfo {
  readonly report: string;
  /** Where the viewer shows it. */
  readonly path: string;
  readonly title: string;
  readonly created_ns: string;
  readonly created_by: string;
  /** `null`: it stays until somebody removes it. */
  readonly expires_ns: string | null;
  readonly bytes: number;
  /** Whether who asks may remove it. */
  readonly removable: boolean;
}

/** The newest reports, and of how many. */
export interface ReportList {
  readonly total: number;
  readonly reports: readonly ReportInfo[];
}

/** Where the page of a report lies, which only a frame without an origin may show. */
export function contentPath(report: string): string {
  return `/reports/${encodeURIComponent(report)}/content`;
}
