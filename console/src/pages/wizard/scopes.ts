/** A scope that the token may have, and what it unlocks. */
export interface Scope {
  name: string;
  unlocks: string;
  /** must: a source is refused without it. read: the read-only profile. control: what only administrators' scopes show. */
  profile: 'must' | 'read' | 'control';
}

// The read-only profile, and what Bitbucket shows to no read scope.
export const scopes: Scope[] = [
  { name: 'read:user:bitbucket', unlocks: 'The account itself: whose evidence this is.', profile: 'must' },
  { name: 'read:workspace:bitbucket', unlocks: 'Workspaces, their members and roles.', profile: 'must' },
  { name: 'read:project:bitbucket', unlocks: 'Projects and who may do what in them.', profile: 'must' },
  { name: 'read:repository:bitbucket', unlocks: 'Repositories, commits, effective access.', profile: 'must' },
  {
    name: 'read:pullrequest:bitbucket',
    unlocks: 'Pull requests, who approved them and when.',
    profile: 'must',
  },
  { name: 'read:pipeline:bitbucket', unlocks: 'Pipelines, deployments, environments.', profile: 'must' },
  { name: 'read:runner:bitbucket', unlocks: 'Runners of workspaces and repositories.', profile: 'read' },
  { name: 'read:webhook:bitbucket', unlocks: 'Webhooks: where data leaves to.', profile: 'read' },
  { name: 'read:permission:bitbucket', unlocks: 'Groups, and the grants behind access.', profile: 'read' },
  {
    name: 'admin:repository:bitbucket',
    unlocks: 'Branch restrictions, deploy keys, default reviewers: Bitbucket has no read scope for them.',
    profile: 'control',
  },
  {
    name: 'admin:project:bitbucket',
    unlocks: 'Deploy keys and default reviewers of projects.',
    profile: 'control',
  },
];

export type Profile = 'read' | 'control';

/** The scopes of a profile, in the order in which they are shown. */
export const scopesOf = (profile: Profile) =>
  scopes.filter((scope) => profile === 'control' || scope.profile !== 'control');
