import { type QueryClient, queryOptions } from '@tanstack/react-query';
import { createContext, useContext } from 'react';

import { api, rememberCsrfToken, type Schemas, take } from './client';
import { ApiError, whenSessionIsDoubted } from './problem';

export type Session = Schemas['ConsoleSession'];
export type Role = Schemas['Role'];

/** Told to the other windows of the browser, which share the session with this one. */
type News = 'begun' | 'ended';
const windows = new BroadcastChannel('evidenced.session');

async function readSession(signal?: AbortSignal): Promise<Session | null> {
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
  staleTime: ({ state }) => (state.data === null ? 0 : 60_000),
  // Whatever else has signed in meanwhile, with another key perhaps: whoever looks at the page sees that key's data.
  refetchOnWindowFocus: 'always',
});

/** Signs in with an API key or the code of a link. Throws ApiError. */
export async function signIn(queries: QueryClient, by: { key: string } | { code: string }): Promise<void> {
  const session = await take(api.POST('/ui/session', { body: by }));
  // What was asked before it, whether anybody is signed in, may be answered after it.
  await queries.cancelQueries({ queryKey: sessionQuery.queryKey });
  rememberCsrfToken(session.csrf_token);
  queries.setQueryData(sessionQuery.queryKey, session);
  windows.postMessage('begun' satisfies News);
}

/** Keeps what the page knows of the session true, by what answers and other windows say. Called once. */
export function followSession(queries: QueryClient) {
  const readAgain = () => void queries.invalidateQueries({ queryKey: sessionQuery.queryKey });
  whenSessionIsDoubted(readAgain);
  windows.onmessage = ({ data }: MessageEvent<News>) => {
    if (data === 'ended') window.location.reload();
    else readAgain();
  };
}

/** Ends the session of the browser, also when it is not the one any more that this page knows. */
async function endSession(tries = 2): Promise<void> {
  try {
    await take(api.DELETE('/ui/session'));
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.status === 401) return; // It was over before.
    if (error.code !== 'session.csrf' || tries === 1) throw error;
    await readSession();
    await endSession(tries - 1);
  }
}

/** Signs out. All windows load anew: nothing of what they showed stays. Throws ApiError: nothing has changed. */
export async function signOut(): Promise<void> {
  await endSession();
  windows.postMessage('ended' satisfies News);
  window.location.reload();
}

export const SessionContext = createContext<Session | null>(null);

/** The session of a page that is only shown to who has one. When it is over: the one that there was. */
export function useSession(): Session {
  const session = useContext(SessionContext);
  if (session === null) throw new Error('A page was shown without a session');
  return session;
}

/** Whether the key of the session has one of these roles. The API decides; this only spares a refusal. */
export function useMay(...roles: Role[]): boolean {
  const { principal } = useSession();
  return principal.roles.some((role) => roles.includes(role));
}
