import type { Schemas } from '../api/client';

export type Tone = 'good' | 'busy' | 'warning' | 'danger' | 'quiet';

export interface Word {
  text: string;
  tone: Tone;
  /** What the word means, with its numbers: shown on hover and focus. */
  meaning: string;
}

type Table<Name extends string> = Record<Name, Word>;

/** The health of a source. */
export const healthWords: Table<Schemas['Health']['status']> = {
  pending: { text: 'Pending', tone: 'quiet', meaning: 'It was never synced to the end.' },
  syncing: { text: 'Syncing', tone: 'busy', meaning: 'A first sync runs.' },
  healthy: { text: 'Healthy', tone: 'good', meaning: 'The last good sync is at most one interval old.' },
  late: { text: 'Late', tone: 'warning', meaning: 'The last good sync is older than one interval.' },
  failing: {
    text: 'Failing',
    tone: 'danger',
    meaning: 'The last good sync is older than two intervals, or the last three syncs failed.',
  },
  action_required: {
    text: 'Action required',
    tone: 'danger',
    meaning: 'Somebody has to do something: the token, its scopes, or a role.',
  },
  paused: { text: 'Paused', tone: 'quiet', meaning: 'Nothing is asked of Bitbucket until it is resumed.' },
};

/** What a finished sync was, or what one is doing. */
export const syncWords: Table<NonNullable<Schemas['Sync']['result']> | 'queued' | 'running'> = {
  queued: { text: 'Queued', tone: 'quiet', meaning: 'It waits for its turn.' },
  running: { text: 'Running', tone: 'busy', meaning: 'It collects now.' },
  succeeded: { text: 'Succeeded', tone: 'good', meaning: 'All that is available is complete.' },
  partial: {
    text: 'Partial',
    tone: 'warning',
    meaning: 'Something that is available failed or is incomplete; the last complete collection of it is still served.',
  },
  failed: { text: 'Failed', tone: 'danger', meaning: 'Nothing could be collected.' },
  cancelled: { text: 'Cancelled', tone: 'quiet', meaning: 'Somebody ended it; the next sync goes on where it stopped.' },
};

export const streamWords: Table<Schemas['SyncStream']['state']> = {
  pending: { text: 'Pending', tone: 'quiet', meaning: 'Its turn has not come.' },
  running: { text: 'Running', tone: 'busy', meaning: 'It is being collected.' },
  complete: { text: 'Complete', tone: 'good', meaning: 'Every partition of it was read to its end.' },
  incomplete: {
    text: 'Incomplete',
    tone: 'warning',
    meaning: 'Part of it was not read to its end: absence in it is no evidence.',
  },
  unavailable: {
    text: 'Unavailable',
    tone: 'warning',
    meaning: 'A known gap: a scope, a role or the plan keeps it away. Coverage says which.',
  },
  failed: { text: 'Failed', tone: 'danger', meaning: 'It could not be collected.' },
};

/** Coverage of a kind, and why it may be a gap. */
export const coverageWords: Table<Schemas['KindCoverage']['status']> = {
  available: { text: 'Available', tone: 'good', meaning: 'It is read completely.' },
  missing_scope: { text: 'Scope missing', tone: 'warning', meaning: 'The token lacks a scope.' },
  needs_role: { text: 'Role needed', tone: 'warning', meaning: 'The account needs to be administrator to read it.' },
  plan_limited: { text: 'Not in the plan', tone: 'quiet', meaning: 'The plan of the workspace does not have it.' },
  not_visible: { text: 'Not visible', tone: 'warning', meaning: 'The account does not see it.' },
  removed_upstream: { text: 'Removed upstream', tone: 'danger', meaning: 'Bitbucket does not answer this any more.' },
  incomplete: { text: 'Incomplete', tone: 'warning', meaning: 'It was not read to its end yet.' },
  failed: { text: 'Failed', tone: 'danger', meaning: 'Reading it failed.' },
  pending: { text: 'Pending', tone: 'quiet', meaning: 'It was not read yet.' },
  out_of_scope: { text: 'Not asked for', tone: 'quiet', meaning: 'It lies outside of what the source covers.' },
};

export const checkWords: Table<Schemas['Validation']['checks'][number]['status']> = {
  passed: { text: 'Passed', tone: 'good', meaning: 'As it should be.' },
  warning: { text: 'Warning', tone: 'warning', meaning: 'It works, and you should know.' },
  failed: { text: 'Failed', tone: 'danger', meaning: 'It has to be mended first.' },
  skipped: { text: 'Skipped', tone: 'quiet', meaning: 'An earlier check has to pass first.' },
};

export const sourceStateWords: Table<Schemas['Source']['state']> = {
  active: { text: 'Active', tone: 'good', meaning: 'It is synced by its schedule.' },
  paused: healthWords.paused,
  needs_credential: {
    text: 'Needs a credential',
    tone: 'danger',
    meaning: 'Bitbucket refuses the token; what was collected is kept.',
  },
  deleted: { text: 'Deleted', tone: 'quiet', meaning: 'Its token is wiped.' },
};

/** The word of a sync: what came of it, else what it does. */
export const syncWord = (sync: { state: Schemas['Sync']['state']; result: string | null }): Word =>
  syncWords[(sync.result ?? (sync.state === 'running' ? 'running' : 'queued')) as keyof typeof syncWords];

/** How near an expiry is. */
export function expiryTone(daysLeft: number | null): Tone {
  if (daysLeft === null) return 'quiet';
  if (daysLeft < 7) return 'danger';
  return daysLeft <= 30 ? 'warning' : 'good';
}

/** "in 9 days", "tomorrow", "today", "expired" */
export function daysText(daysLeft: number | null): string {
  if (daysLeft === null) return 'not known';
  if (daysLeft < 0) return 'expired';
  if (daysLeft === 0) return 'within a day';
  return daysLeft === 1 ? 'in 1 day' : `in ${daysLeft} days`;
}
