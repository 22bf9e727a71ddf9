import type { Change, Finding } from '../../api/reports';
import type { Word } from '../../common/status';

/** What may be wrong with a change. */
export const findingWords: Record<Finding, Word> = {
  not_approved: { text: 'Not approved', tone: 'danger', meaning: 'Nobody approved it before it was merged.' },
  self_approved_only: {
    text: 'Approved by its author only',
    tone: 'danger',
    meaning: 'The only approval came from the author.',
  },
  self_merged: { text: 'Merged by its author', tone: 'warning', meaning: 'Author and merger are the same account.' },
  approved_before_last_commit: {
    text: 'Changed after approval',
    tone: 'warning',
    meaning: 'Every approval is older than the last commit.',
  },
  checks_failed: { text: 'Checks failed', tone: 'danger', meaning: 'A build of its last commit failed.' },
  checks_absent: { text: 'No checks', tone: 'warning', meaning: 'Its last commit has no build at all.' },
};
export const findings = Object.keys(findingWords) as Finding[];

type Account = Change['author'];

/** What somebody is called. Bitbucket does not name every account for ever. */
export const accountName = (account: Account) =>
  account === null ? 'not named any more' : (account.name?.trim() || account.id) + (account.is_app ? ' (app)' : '');

/** "3 passed, 1 failed"; null: not known. */
export function checksText(checks: Change['checks']): string | null {
  if (checks === null) return null;
  const parts: [number, string][] = [
    [checks.successful, 'passed'],
    [checks.failed, 'failed'],
    [checks.in_progress, 'running'],
    [checks.stopped, 'stopped'],
  ];
  const said = parts.filter(([count]) => count > 0).map(([count, word]) => `${count} ${word}`);
  return said.length === 0 ? 'none' : said.join(', ');
}
