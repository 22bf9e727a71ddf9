import type { ArtifactFilters, ArtifactSort } from '../../api/artifacts';
import { commandOf } from '../../common/commands';

export const facetNames = ['kind', 'source', 'workspace', 'project', 'repository', 'state'] as const;
export type FacetName = (typeof facetNames)[number];

const sorts: readonly string[] = ['id', '-id', '-changed'] satisfies ArtifactSort[];
const removals: readonly string[] = ['true', 'only'];

/** What the address of the page asks for. */
export interface Filter extends Record<FacetName, string[]> {
  q: string;
  removed: '' | 'true' | 'only';
  changedSince: string;
  sort: ArtifactSort;
}

/** Shorter texts are not searched for. */
export const shortestSearch = 2;

export function filterOf(parameters: URLSearchParams): Filter {
  const removed = parameters.get('removed') ?? '';
  const sort = parameters.get('sort') ?? 'id';
  const facets = Object.fromEntries(facetNames.map((name) => [name, parameters.getAll(name)]));
  return {
    ...(facets as Record<FacetName, string[]>),
    q: parameters.get('q') ?? '',
    removed: removals.includes(removed) ? (removed as Filter['removed']) : '',
    changedSince: parameters.get('changed_since') ?? '',
    sort: sorts.includes(sort) ? (sort as ArtifactSort) : 'id',
  };
}

/** The filter as the API takes it; what does not filter is left out. */
export function queryOf(filter: Filter): ArtifactFilters {
  const query: ArtifactFilters = {};
  for (const name of facetNames) if (filter[name].length > 0) query[name] = filter[name];
  if (filter.q.length >= shortestSearch) query.q = filter.q;
  if (filter.removed !== '') query.removed = filter.removed;
  if (filter.changedSince !== '') query.changed_since = filter.changedSince;
  return query;
}

/** The address of the API of everything that the filter finds. */
export function apiUrlOf(filter: Filter): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(queryOf(filter))) {
    for (const each of [value].flat()) parameters.append(name, each);
  }
  if (filter.sort !== 'id') parameters.set('sort', filter.sort);
  return parameters.size === 0 ? '/v1/artifacts' : `/v1/artifacts?${parameters.toString()}`;
}

export function commandLineOf(filter: Filter): string {
  const { q, changed_since, removed, ...facets } = queryOf(filter);
  const sort = filter.sort === 'id' ? undefined : filter.sort;
  return commandOf('artifact list', { ...facets, search: q, 'changed-since': changed_since, removed, sort });
}

type Change = Partial<Record<string, string | string[]>>;

/** The same parameters with these changed; an empty value takes one away. */
export function changed(parameters: URLSearchParams, change: Change): URLSearchParams {
  const next = new URLSearchParams(parameters);
  for (const [name, value] of Object.entries(change)) {
    next.delete(name);
    for (const each of [value ?? []].flat()) if (each !== '') next.append(name, each);
  }
  return next;
}

/** The parameters with a value of a facet chosen, or no longer chosen. */
export function toggled(parameters: URLSearchParams, name: FacetName, value: string): URLSearchParams {
  const chosen = parameters.getAll(name);
  const rest = chosen.filter((each) => each !== value);
  return changed(parameters, { [name]: rest.length < chosen.length ? rest : [...chosen, value] });
}

const filtering = [...facetNames, 'q', 'removed', 'changed_since'];
/** The parameters without any filter; order and columns stay. */
export const unfiltered = (parameters: URLSearchParams) =>
  changed(parameters, Object.fromEntries(filtering.map((name) => [name, ''])));

export interface Chip {
  name: string;
  value: string;
  /** The parameters without it. */
  without: URLSearchParams;
}

/** Everything that narrows the list, to be shown and taken away one by one. */
export function chipsOf(parameters: URLSearchParams): Chip[] {
  const filter = filterOf(parameters);
  const chips: Chip[] = facetNames.flatMap((name) =>
    filter[name].map((value) => ({ name, value, without: toggled(parameters, name, value) })),
  );
  const single = { q: filter.q, removed: filter.removed, changed_since: filter.changedSince };
  for (const [name, value] of Object.entries(single)) {
    if (value !== '') chips.push({ name, value, without: changed(parameters, { [name]: '' }) });
  }
  return chips;
}
