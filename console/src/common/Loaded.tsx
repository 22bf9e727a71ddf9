import { Bullseye, PageSection, Skeleton } from '@patternfly/react-core';
import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';

import { ProblemCard } from './ProblemCard';

/** What a query holds: its data, or the shape of it while it loads, or its problem. Data that is there stays. */
export function Loaded<T>({ query, children }: { query: UseQueryResult<T>; children: (data: T) => ReactNode }) {
  const retry = () => void query.refetch();
  if (query.data !== undefined) {
    return (
      <>
        {query.isError && <ProblemCard error={query.error} onRetry={retry} title="This may be out of date" />}
        {children(query.data)}
      </>
    );
  }
  if (query.isError) return <ProblemCard error={query.error} onRetry={retry} />;
  return <Loading />;
}

/** A query that a whole page waits for: until it is there, what stands for it is set as the page would be. */
export function PageLoaded<T>({ query, children }: { query: UseQueryResult<T>; children: (data: T) => ReactNode }) {
  const loaded = <Loaded query={query}>{children}</Loaded>;
  return query.data === undefined ? <PageSection hasBodyWrapper={false}>{loaded}</PageSection> : loaded;
}

export function Loading() {
  return (
    <div className="ev-loading" aria-busy="true">
      <Skeleton width="33%" screenreaderText="Loading" />
      <Skeleton width="80%" />
      <Skeleton width="66%" />
    </div>
  );
}

export function PageLoading() {
  return (
    <Bullseye className="ev-page-loading">
      <Loading />
    </Bullseye>
  );
}
