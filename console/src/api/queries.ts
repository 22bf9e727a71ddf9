import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';

import { api, type Schemas, take } from './client';
import type { paths } from './schema';

/** The query parameters that a list takes. */
export type Asked<Path extends keyof paths> = paths[Path] extends { get: { parameters: { query?: infer Query } } }
  ? NonNullable<Query>
  : never;

/** What a cursor's URL says: the lists of the API name their next page by a whole URL. */
export const cursorOf = (next: string | null | undefined) =>
  next ? (new URL(next, window.location.origin).searchParams.get('cursor') ?? undefined) : undefined;

const whole = 500;

export const sourcesQuery = (query: Asked<'/v1/sources'>) =>
  queryOptions({
    queryKey: ['sources', query],
    queryFn: ({ signal }) => take(api.GET('/v1/sources', { params: { query: { limit: whole, ...query } }, signal })),
    placeholderData: keepPreviousData,
  });

export const sourceQuery = (id: string) =>
  queryOptions({
    queryKey: ['source', id],
    queryFn: ({ signal }) => take(api.GET('/v1/sources/{id}', { params: { path: { id } }, signal })),
  });

export const coverageQuery = (id: string) =>
  queryOptions({
    queryKey: ['coverage', id],
    queryFn: ({ signal }) => take(api.GET('/v1/sources/{id}/coverage', { params: { path: { id } }, signal })),
  });

export const driftQuery = (id: string) =>
  queryOptions({
    queryKey: ['coverage', id, 'drift'],
    queryFn: ({ signal }) => take(api.GET('/v1/sources/{id}/drift', { params: { path: { id } }, signal })),
  });

export const credentialQuery = (id: string) =>
  queryOptions({
    queryKey: ['source', id, 'credential'],
    queryFn: ({ signal }) => take(api.GET('/v1/sources/{id}/credential', { params: { path: { id } }, signal })),
  });

export const syncsQuery = (query: Asked<'/v1/syncs'>) =>
  infiniteQueryOptions({
    queryKey: ['syncs', query],
    queryFn: ({ signal, pageParam }) =>
      take(api.GET('/v1/syncs', { params: { query: { ...query, cursor: pageParam } }, signal })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => cursorOf(page.next),
  });

const whileItRuns = 1_500;
/** A sync; while it is not done it is asked for again and again. */
export const syncQuery = (id: string) =>
  queryOptions({
    queryKey: ['sync', id],
    queryFn: ({ signal }) => take(api.GET('/v1/syncs/{id}', { params: { path: { id } }, signal })),
    refetchInterval: (query) => (query.state.data?.state === 'done' ? false : whileItRuns),
  });

export const syncReportQuery = (id: string) =>
  queryOptions({
    queryKey: ['sync', id, 'report'],
    queryFn: ({ signal }) => take(api.GET('/v1/syncs/{id}/report', { params: { path: { id } }, signal })),
  });

export const expirationsQuery = queryOptions({
  queryKey: ['expirations'],
  queryFn: ({ signal }) => take(api.GET('/v1/expirations', { params: { query: { limit: whole } }, signal })),
});

export const statusQuery = queryOptions({
  queryKey: ['status'],
  queryFn: ({ signal }) => take(api.GET('/v1/status', { signal })),
  refetchInterval: 30_000,
});

export const kindsQuery = queryOptions({
  queryKey: ['kinds'],
  queryFn: ({ signal }) => take(api.GET('/v1/kinds', { signal })),
});

export type Source = Schemas['Source'];
export type Sync = Schemas['Sync'];
export type KindCoverage = Schemas['KindCoverage'];

/** Everything that the first page shows, in one call. */
export const overviewQuery = queryOptions({
  queryKey: ['overview'],
  queryFn: ({ signal }) => take(api.GET('/v1/overview', { params: { query: { limit: whole } }, signal })),
  refetchInterval: 60_000,
});
