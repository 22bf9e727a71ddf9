import type { Source } from '../../api/queries';

export interface Advice {
  id: string;
  tone: 'danger' | 'warning' | 'info';
  title: string;
  steps: string[];
  action?: { name: string; tab: string };
}

const soon = 30;

function ofExpiry(source: Source): Advice | null {
  const left = source.credential?.days_left ?? null;
  if (left === null || left > soon) return null;
  const assumed = source.credential?.expiry_source === 'assumed';
  const expired = left < 0;
  return {
    id: expired ? 'expired' : 'expiring',
    tone: left < 7 ? 'danger' : 'warning',
    title: expired ? 'The token has expired' : `The token expires in ${left} ${left === 1 ? 'day' : 'days'}`,
    steps: [
      'Create a new token at Atlassian with the same scopes: account settings, Security, API tokens.',
      'Rotate it here: the new one is tried before it takes the place of the old one, and nothing is lost in between.',
      ...(assumed ? ['The day is assumed: nobody told it. Rotating with a date makes it exact.'] : []),
    ],
    action: { name: 'Rotate the token', tab: 'credential' },
  };
}

/** The one thing about a source that somebody has to do something about first; null: nothing. */
export function adviceOf(source: Source): Advice | null {
  if (source.state === 'needs_credential') {
    return {
      id: 'needs_credential',
      tone: 'danger',
      title: 'Bitbucket refuses the token',
      steps: [
        'It was revoked, it has expired, or its account was closed. What was collected is kept and served.',
        'Create a new token at Atlassian for the same account, and rotate it here: a sync starts by itself.',
      ],
      action: { name: 'Rotate the token', tab: 'credential' },
    };
  }
  const expiry = ofExpiry(source);
  if (expiry?.tone === 'danger') return expiry;
  if (source.health.status === 'action_required') {
    return {
      id: 'action_required',
      tone: 'warning',
      title: 'Something that was available is not any more',
      steps: [source.health.reason ?? 'Coverage names the kinds.', 'Coverage says which scope or role brings it back.'],
      action: { name: 'See the coverage', tab: 'coverage' },
    };
  }
  if (source.health.status === 'failing') {
    return {
      id: 'failing',
      tone: 'danger',
      title: 'The last syncs failed',
      steps: [source.health.reason ?? 'The last sync says why.', 'What was collected before is kept and served.'],
      action: { name: 'See the syncs', tab: 'syncs' },
    };
  }
  return expiry;
}
