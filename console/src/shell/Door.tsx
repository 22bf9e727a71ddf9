import './door.css';

import { useQuery, useQueryClient } from '@tanstack/react-query';
import { lazy, Suspense, useEffect, useLayoutEffect, useState } from 'react';
import { Navigate, useLocation } from 'react-router';

import { type Session, SessionContext, sessionQuery } from '../api/session';
import { PageLoading } from '../common/Loaded';
import { ProblemCard } from '../common/ProblemCard';
import { Shell } from './Shell';

const SignInAgain = lazy(() => import('./SignInAgain'));

/** Only moving the focus is left to the page; what is typed goes where it belongs by the browser alone. */
const deafen = (event: KeyboardEvent) => {
  if (event.key !== 'Tab') event.stopPropagation();
};

/** While the session is over the page shows nothing and hears no key. After it, what was refused is asked again. */
function useCurtain(isOver: boolean) {
  const queries = useQueryClient();
  useLayoutEffect(() => {
    if (!isOver) return;
    document.body.classList.add('ev-over');
    window.addEventListener('keydown', deafen, true);
    return () => {
      document.body.classList.remove('ev-over');
      window.removeEventListener('keydown', deafen, true);
      void queries.invalidateQueries();
    };
  }, [isOver, queries]);
}

/**
 * Lets in who is signed in; others sign in first and come back to where they wanted to go. A page whose session ends
 * stays, hidden, with what was typed into it, until the same key signs in again; before another key nothing of it
 * stays.
 */
export function Door() {
  const { data, isError, error, refetch } = useQuery(sessionQuery);
  const { pathname, search } = useLocation();
  const [held, hold] = useState<Session | null>(null);
  const isOther = Boolean(data && held && data.principal.id !== held.principal.id);
  if (data && data !== held && !isOther) hold(data);
  const isOver = data === null && held !== null;
  useCurtain(isOver);
  useEffect(() => {
    if (isOther) window.location.reload();
  }, [isOther]);
  const session = data ?? held;
  if (isOther) return <PageLoading />;
  if (session) {
    return (
      <SessionContext value={session}>
        <Shell />
        {isOver && (
          <Suspense>
            <SignInAgain />
          </Suspense>
        )}
      </SessionContext>
    );
  }
  if (data === null) {
    return <Navigate to="/sign-in" replace state={{ from: pathname === '/' ? '/' : `${pathname}${search}` }} />;
  }
  if (isError) {
    return (
      <main className="ev-alone">
        <ProblemCard error={error} onRetry={() => void refetch()} />
      </main>
    );
  }
  return <PageLoading />;
}
