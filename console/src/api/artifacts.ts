import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';

import { api, type Schemas, take } from './client';
import { type Asked, cursorOf } from './queries';

export type Artifact = Schemas['Artifact'];
export type Gap = Schemas['Gap'];
export type Facet = Schemas['Facets']['facets'][number];
/** The filters of a list of artifacts, without its order. */
export type ArtifactFilters = Omit<Asked<'/v1/artifacts'>, 'limit' | 'cursor' | 'fields' | 'sort'>;
export type ArtifactSort = NonNullable<Asked<'/v1/artifacts'>['sort']>;

// Everything that a row may show. Contents stay where they are: a page of them may have megabytes.
const listed = [
  'id,kind,title,state,source_id,workspace,project,repository,upstream_id,revision,seq,observed_at,first_observed_at',
  'dated_at,removed_at,removed_reason,content_sha256',
];
type Given = 'kind' | 'title' | 'source_id' | 'upstream_id' | 'revision' | 'seq' | 'observed_at' | 'first_observed_at';
/** An artifact as a list shows it. */
export type ArtifactRow = Artifact & Required<Pick<Artifact, Given>>;

export const rowsOnPage = 200;

export async function artifactPage(
  query: ArtifactFilters & { sort?: ArtifactSort },
  cursor: string | undefined,
  signal: AbortSignal,
) {
  const asked = { ...query, fields: [listed.join(',')], limit: rowsOnPage, cursor };
  const page = await take(api.GET('/v1/artifacts', { params: { query: asked }, signal }));
  const { items, next, as_of_seq } = page as Schemas['ArtifactList'];
  return { rows: items as ArtifactRow[], next: cursorOf(next), asOf: as_of_seq };
}

/** How many artifacts there are by kind, source and so on; each facet counts without its own filter. */
export const facetsQuery = (query: ArtifactFilters, values: number) =>
  queryOptions({
    queryKey: ['artifacts', 'facets', query, values],
    queryFn: ({ signal }) => take(api.GET('/v1/facets', { params: { query: { ...query, values } }, signal })),
    placeholderData: keepPreviousData,
  });

const one = (id: string) => ['artifacts', 'one', id] as const;

export const artifactQuery = (id: string) =>
  queryOptions({
    queryKey: one(id),
    queryFn: ({ signal }) => take(api.GET('/v1/artifacts/{id}', { params: { path: { id } }, signal })),
  });

export const relatedQuery = (id: string) =>
  queryOptions({
    queryKey: [...one(id), 'related'],
    queryFn: ({ signal }) => take(api.GET('/v1/artifacts/{id}/related', { params: { path: { id } }, signal })),
  });

// Every revision comes with its content: few at a time.
const revisionsOnPage = 20;

export const revisionsQuery = (id: string) =>
  infiniteQueryOptions({
    queryKey: [...one(id), 'revisions'],
    queryFn: ({ signal, pageParam }) =>
      take(
        api.GET('/v1/artifacts/{id}/revisions', {
          params: { path: { id }, query: { limit: revisionsOnPage, cursor: pageParam } },
          signal,
        }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => cursorOf(page.next),
  });

/** What an artifact was as a revision: it never changes. */
export const revisionQuery = (id: string, number: number) =>
  queryOptions({
    queryKey: ['revision', id, number],
    queryFn: ({ signal }) =>
      take(
        api.GET('/v1/artifacts/{id}/revisions/{number}', { params: { path: { id, number: String(number) } }, signal }),
      ),
    staleTime: Infinity,
  });

const hex = (bytes: ArrayBuffer) =>
  [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, '0')).join('');

/** The stored bytes, and their SHA-256 as this browser computes it; null where it does not compute for this page. */
export const rawQuery = (id: string) =>
  queryOptions({
    queryKey: [...one(id), 'raw'],
    queryFn: async ({ signal }) => {
      const asked = api.GET('/v1/artifacts/{id}/raw', { params: { path: { id } }, signal, parseAs: 'arrayBuffer' });
      const bytes = await take<ArrayBuffer>(asked);
      // Typed as always there; outside of https and loopback it is not.
      const subtle = crypto.subtle as SubtleCrypto | undefined;
      const sha256 = subtle === undefined ? null : hex(await subtle.digest('SHA-256', bytes));
      return { bytes, text: new TextDecoder().decode(bytes), sha256 };
    },
  });
