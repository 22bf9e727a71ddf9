import type { Schemas } from '../../api/client';
import { type CredentialTyped, nothingTyped } from '../../common/CredentialFields';
import { expiryOf } from '../../common/shapeChecks';
import type { Profile } from './scopes';

/** What was typed into the wizard so far. It is nowhere but in this page. */
export interface Draft {
  name: string;
  profile: Profile;
  credential: CredentialTyped;
  /** Slugs; empty: all that the account sees. */
  workspaces: string[];
  interval: string;
  tags: string[];
  startSync: boolean;
}

export const emptyDraft: Draft = {
  name: '',
  profile: 'read',
  credential: nothingTyped,
  workspaces: [],
  interval: 'PT1H',
  tags: [],
  startSync: true,
};

/** The request that registers the source. */
export function inputOf(draft: Draft): Schemas['SourceInput'] {
  const { email, token, expires } = draft.credential;
  return {
    kind: 'bitbucket_cloud',
    name: draft.name.trim(),
    credential: {
      type: 'atlassian_api_token',
      email,
      token,
      ...(expires !== '' && { expires_at: expiryOf(expires) }),
    },
    workspaces: draft.workspaces.length === 0 ? 'all' : draft.workspaces,
    schedule: { interval: draft.interval },
    tags: draft.tags,
    start_sync: draft.startSync,
  };
}

/** The same request to be shown and copied: without e-mail and token. */
export function shownInput(draft: Draft) {
  const input = inputOf(draft);
  return { ...input, credential: { ...input.credential, email: 'EMAIL', token: 'TOKEN' } };
}

/** The same as a command. The token is asked for, never an argument. */
export function shownCommand(draft: Draft): string {
  const parts = ['evidenced source add', `--name ${JSON.stringify(draft.name || 'NAME')}`, '--email EMAIL'];
  parts.push('--token-file FILE');
  for (const slug of draft.workspaces) parts.push(`--workspace ${slug}`);
  if (draft.interval !== emptyDraft.interval) parts.push(`--interval ${draft.interval}`);
  for (const tag of draft.tags) parts.push(`--tag ${tag}`);
  return parts.join(' ');
}
