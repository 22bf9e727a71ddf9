import { ToggleGroup, ToggleGroupItem } from '@patternfly/react-core';
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';

import { sourcesQuery } from '../../api/queries';
import { repositoriesQuery } from '../../api/reports';
import { Filters, TypedFilter } from '../../common/Filters';
import { type Choice, MultiSelect } from '../../common/MultiSelect';
import type { useFilters } from '../../common/urlFilters';

type UrlFilters = ReturnType<typeof useFilters>;

const permissions: Choice[] = [
  { value: 'admin', name: 'Admin' },
  { value: 'write', name: 'Write' },
  { value: 'read', name: 'Read' },
];

const choicesOf = (values: (string | null | undefined)[]): Choice[] =>
  [...new Set(values.filter((value) => value !== null && value !== undefined))].map((value) => ({ value, name: value }));

/** Where to choose from: sources, workspaces, projects and repositories that there are. */
export function usePlaceChoices() {
  const sources = useQuery(sourcesQuery({}));
  const { data } = useQuery(repositoriesQuery);
  return useMemo(() => {
    const repositories = data ?? [];
    return {
      source: (sources.data?.items ?? []).map((source) => ({ value: source.id, name: source.name })),
      workspace: choicesOf(repositories.map((each) => each.repository.split('/')[0])),
      project: choicesOf(repositories.map((each) => each.project)),
      repository: repositories.map((each) => ({ value: each.repository, name: each.repository })),
    };
  }, [sources.data, data]);
}

const places = { source: 'Source', workspace: 'Workspace', project: 'Project', repository: 'Repository' };
export type Place = keyof typeof places;

/** A filter for each kind of place; one of which there is one alone would filter nothing. */
export function PlaceFilter({ place, filters, choices }: { place: Place; filters: UrlFilters; choices: Choice[] }) {
  const chosen = filters.all(place);
  if (choices.length < 2 && chosen.length === 0) return null;
  return (
    <MultiSelect
      name={places[place]}
      choices={choices}
      chosen={chosen}
      onToggle={(value) => filters.toggle(place, value)}
    />
  );
}

export const accessFilterNames = ['q', 'permission', ...Object.keys(places)];

/** Clears filters; the view stays. */
export const cleared = (names: string[]) => Object.fromEntries(names.map((name) => [name, null]));

/** The same as a matrix, or as a table. */
export function ViewToggle({ filters }: { filters: UrlFilters }) {
  const list = filters.one('view') === 'list';
  return (
    <ToggleGroup aria-label="View">
      <ToggleGroupItem
        text="Matrix"
        buttonId="view-matrix"
        isSelected={!list}
        onChange={() => filters.set('view', null)}
      />
      <ToggleGroupItem
        text="List"
        buttonId="view-list"
        isSelected={list}
        onChange={() => filters.set('view', 'list')}
      />
    </ToggleGroup>
  );
}

export function AccessFilters({ filters, set }: { filters: UrlFilters; set: boolean }) {
  const choices = usePlaceChoices();
  return (
    <Filters set={set} onClear={() => filters.change(cleared(accessFilterNames))}>
      <TypedFilter name="Search people" value={filters.one('q')} onChange={(q) => filters.set('q', q)} />
      <MultiSelect
        name="Permission"
        choices={permissions}
        chosen={filters.all('permission')}
        onToggle={(value) => filters.toggle('permission', value)}
      />
      <PlaceFilter place="source" filters={filters} choices={choices.source} />
      <PlaceFilter place="workspace" filters={filters} choices={choices.workspace} />
      <PlaceFilter place="project" filters={filters} choices={choices.project} />
      <PlaceFilter place="repository" filters={filters} choices={choices.repository} />
    </Filters>
  );
}
