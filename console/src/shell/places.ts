import { type Role, useSession } from '../api/session';

/** A place of the console: what the navigation and the palette list. */
export interface Place {
  path: string;
  name: string;
  /** Further words to find it by. */
  words: string;
  /** Who sees it; nobody named: everybody. */
  roles?: Role[];
}

const places: Place[] = [
  { path: '/', name: 'Overview', words: 'home expiry freshness gaps problems' },
  { path: '/sources', name: 'Sources', words: 'accounts tokens credentials workspaces schedule' },
  { path: '/syncs', name: 'Syncs', words: 'runs history collection' },
  { path: '/artifacts', name: 'Artifacts', words: 'evidence search export pull requests repositories' },
  { path: '/access', name: 'People and access', words: 'matrix permissions members groups grants' },
  { path: '/changes', name: 'Changes', words: 'merged pull requests approvals' },
  { path: '/events', name: 'Events', words: 'feed log history' },
  { path: '/keys', name: 'API keys', words: 'roles tokens', roles: ['admin'] },
  { path: '/about', name: 'About', words: 'version licences status' },
];

/** The places that the roles of the session may see. */
export function usePlaces(): Place[] {
  const { principal } = useSession();
  return places.filter((place) => place.roles?.some((role) => principal.roles.includes(role)) ?? true);
}
