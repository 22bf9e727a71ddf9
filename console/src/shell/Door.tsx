import { useQuery } from '@tanstack/react-query';
import { Navigate, useLocation } from 'react-router';

import { sessionQuery } from '../api/session';
import { PageLoading } from '../common/Loaded';
import { ProblemCard } from '../common/ProblemCard';
import { Shell } from './Shell';

/** Lets in who is signed in; others sign in first and come back to where they wanted to go. */
export function Door() {
  const { data, isError, error, refetch } = useQuery(sessionQuery);
  const { pathname, search } = useLocation();
  if (data) return <Shell />;
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
