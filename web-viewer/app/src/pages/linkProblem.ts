import { ApiError } from '../host/api';
import { t } from '../locale/text';

/** Why a link does not open. */
export function linkProblem(error: Error): string {
  switch (error instanceof ApiError ? error.status : 0) {
    case 404: return t('link-missing');
    case 410: return t('link-closed');
    default: return t('link-problem', { problem: error.message });
  }
}
