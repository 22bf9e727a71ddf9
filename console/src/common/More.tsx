import './filters.css';

import { Button } from '@patternfly/react-core';
import type { UseInfiniteQueryResult } from '@tanstack/react-query';

import { ProblemCard } from './ProblemCard';

type Asking = Pick<
  UseInfiniteQueryResult,
  'hasNextPage' | 'isFetchingNextPage' | 'isFetchNextPageError' | 'error' | 'fetchNextPage'
>;

/** The end of a list that goes on: the button that asks for more of it. */
export function More({ query, name }: { query: Asking; name: string }) {
  const more = () => void query.fetchNextPage();
  if (query.isFetchNextPageError) return <ProblemCard error={query.error} onRetry={more} />;
  if (!query.hasNextPage) return null;
  return (
    <Button variant="secondary" className="ev-more" isLoading={query.isFetchingNextPage} onClick={more}>
      {name}
    </Button>
  );
}
