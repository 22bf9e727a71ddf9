import { type QueryClient, queryOptions } from '@tanstack/react-query';
import { createContext, useContext } from 'react';

import { api, rememberCsrfToken, type Schemas, take } from './client';
import { ApiError } from './problem';

export type Session = Schemas['ConsoleSession'];
export type Role = Schemas['Role'];

async function readSession(signal: AbortSignal): Promise<Session | null> {
  try {
    const session = (await take(api.GET('/ui/session', { signal }))) as Session | undefined;
    rememberCsrfToken(session?.csrf_token ?? '');
    return session ?? null;
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) return null;
    throw error;
  }
}

/** Who is signed in; null: nobody. */
export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: ({ signal }) => readSession(signal),
  // Somebody may have signed in in another tab.
  staleTime: ({ state }) => (state.data === null ? 0 : 60_000),
});

/** Signs in with an API key or the code of a link. Throws ApiError. */
export async function signIn(queries: QueryClient, by: { key: string } | { code: string }): Promise<void> {
  const session = await take(api.POST('/ui/session', { body: by }));
  // What was asked before it, whether anybody is signed in, may be answered after it.
  await queries.cancelQueries({ queryKey: sessionQuery.queryKey });
  rememberCsrfToken(session.csrf_token);
  queries.setQueryData(sessionQuery.queryKey, session);
}

export async function signOut(): Promise<void> {
  await take(api.DELETE('/ui/session'));
  rememberCsrfToken('');
}

interface Held {
  session: Session;
  leave: () => Promise<void>;
}
export const SessionContext = createContext<Held | null>(null);

function useHeld(): Held {
  const held = useContext(SessionContext);
  if (held === null) throw new Error('A page was shown without a session');
  return held;
}

/** The session of a page that is only shown to who has one. When it is over: the one that there was. */
export const useSession = (): Session => useHeld().session;

/** Signs out, and forgets all that was shown. */
export const useLeave = () => useHeld().leave;

/** Whether the key of the session has one of these roles. The API decides; this only spares a refusal. */
export function useMay(...roles: Role[]): boolean {
  const { principal } = useSession();
  return principal.roles.some((role) => roles.includes(role));
}
