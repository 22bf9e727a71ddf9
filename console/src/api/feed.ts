import { infiniteQueryOptions } from '@tanstack/react-query';

import { api, take } from './client';
import { ApiError } from './problem';
import type { Asked } from './queries';
import { type Ask, readBack, wanted } from './readBack';

export type EventFilter = Pick<Asked<'/v1/changes'>, 'type' | 'source'>;

interface Place {
  until: number;
  span: number;
}

function asking(filter: EventFilter, signal: AbortSignal): Ask {
  const read = (after: number, limit: number) =>
    take(api.GET('/v1/changes', { params: { query: { ...filter, after, limit } }, signal }));
  return async (after, limit) => {
    try {
      return await read(after, limit);
    } catch (error) {
      if (!(error instanceof ApiError) || error.code !== 'cursor.expired') throw error;
      return { ...(await read(0, limit)), oldest: true };
    }
  };
}

/** The feed from its end backwards. */
export const eventsQuery = (filter: EventFilter) =>
  infiniteQueryOptions({
    queryKey: ['events', filter],
    queryFn: async ({ signal, pageParam }) => {
      const place = pageParam ?? { until: (await take(api.GET('/v1/status', { signal }))).as_of_seq, span: wanted };
      return readBack(asking(filter, signal), place.until, place.span);
    },
    initialPageParam: undefined as Place | undefined,
    getNextPageParam: ({ until, span }): Place | undefined => (until === null ? undefined : { until, span }),
  });
