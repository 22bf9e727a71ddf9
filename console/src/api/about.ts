import { queryOptions } from '@tanstack/react-query';

import { api, take } from './client';

export const problemsQuery = queryOptions({
  queryKey: ['problems'],
  queryFn: ({ signal }) => take(api.GET('/v1/problems', { signal })),
  staleTime: Infinity,
});

/** What the console is made of. Its texts are a chunk of their own. */
export const licencesQuery = queryOptions({
  queryKey: ['licences'],
  queryFn: async () => (await import('virtual:licences')).default,
  staleTime: Infinity,
});
