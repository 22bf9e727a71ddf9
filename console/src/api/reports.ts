import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';

import { api, type Schemas, take } from './client';
import { type Asked, cursorOf } from './queries';

export type AccessFilter = Omit<Asked<'/v1/reports/access'>, 'cursor' | 'limit'>;
export type AccessPage = Schemas['AccessReport'];
export type AccessRow = Schemas['AccessRow'];
export type AccessRepository = Schemas['AccessRepository'];

const whole = 500;

/** The report of an answer that could have been a table of text, had it been asked for one. Throws ApiError. */
const takeReport = async <Report>(asked: Parameters<typeof take<unknown>>[0]) => (await take(asked)) as Report;

const readAccess = (query: Asked<'/v1/reports/access'>, signal: AbortSignal) =>
  takeReport<AccessPage>(api.GET('/v1/reports/access', { params: { query }, signal }));

/** The matrix, some hundred people at a time. */
export const accessQuery = (filter: AccessFilter) =>
  infiniteQueryOptions({
    queryKey: ['artifacts', 'access', filter],
    queryFn: ({ signal, pageParam }) =>
      readAccess({ ...filter, limit: whole, cursor: pageParam }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => cursorOf(page.next),
    placeholderData: keepPreviousData,
  });

/** The repositories that there are to choose from. */
export const repositoriesQuery = queryOptions({
  queryKey: ['artifacts', 'access', 'repositories'],
  queryFn: async ({ signal }) => (await readAccess({ limit: 1 }, signal)).repositories,
});

/** People to choose from, the first few hundred. */
export const peopleQuery = queryOptions({
  queryKey: ['artifacts', 'access', 'people'],
  queryFn: async ({ signal }) => (await readAccess({ limit: whole }, signal)).items,
});

/** The grants behind a cell. */
export const accessPathsQuery = (person: string, repository: string) =>
  queryOptions({
    queryKey: ['artifacts', 'access', 'paths', person, repository],
    queryFn: ({ signal }) =>
      take(api.GET('/v1/reports/access/paths', { params: { query: { person, repository } }, signal })),
  });

export type ChangeFilter = Asked<'/v1/reports/changes/summary'>;
export type Change = Schemas['Change'];
export type Finding = Change['findings'][number];

/** Merged pull requests, the newest merge first. */
export const changesQuery = (filter: ChangeFilter) =>
  infiniteQueryOptions({
    queryKey: ['artifacts', 'changes', filter],
    queryFn: ({ signal, pageParam }) =>
      takeReport<Schemas['ChangeReport']>(
        api.GET('/v1/reports/changes', { params: { query: { ...filter, cursor: pageParam } }, signal }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => cursorOf(page.next),
    placeholderData: keepPreviousData,
  });

/** How many of them have each finding. */
export const changeSummaryQuery = (filter: ChangeFilter) =>
  queryOptions({
    queryKey: ['artifacts', 'changes', 'summary', filter],
    queryFn: ({ signal }) => take(api.GET('/v1/reports/changes/summary', { params: { query: filter }, signal })),
    placeholderData: keepPreviousData,
  });
