import { Button, TextInput } from '@patternfly/react-core';
import { useQuery } from '@tanstack/react-query';
import { useId, useState } from 'react';

import { type ChangeFilter, peopleQuery } from '../../api/reports';
import { beginOfDay, dayText, endOfDay } from '../../common/days';
import { Filters, TypedFilter } from '../../common/Filters';
import { MultiSelect } from '../../common/MultiSelect';
import type { useFilters } from '../../common/urlFilters';
import { PlaceFilter, usePlaceChoices } from '../access/AccessFilters';
import { personName } from '../access/matrix';
import { findings, findingWords } from './findings';

type UrlFilters = ReturnType<typeof useFilters>;

export const changeFilterNames = [
  ...['from', 'to', 'q', 'branch', 'finding', 'author', 'merged_by'],
  ...['source', 'workspace', 'project', 'repository'],
];

const said = (text: string) => (text === '' ? undefined : text);

/** What the API is asked for. */
export function askedOf(filters: UrlFilters) {
  return {
    from: beginOfDay(filters.one('from')) ?? undefined,
    to: endOfDay(filters.one('to')) ?? undefined,
    q: said(filters.one('q')),
    branch: filters.all('branch'),
    finding: filters.all('finding') as ChangeFilter['finding'],
    author: filters.all('author'),
    merged_by: filters.all('merged_by'),
    source: filters.all('source'),
    workspace: filters.all('workspace'),
    project: filters.all('project'),
    repository: filters.all('repository'),
  };
}

function Day({ label, name, filters }: { label: string; name: 'from' | 'to'; filters: UrlFilters }) {
  const id = useId();
  return (
    <span className="ev-field">
      <label htmlFor={id}>{label}</label>
      <TextInput
        id={id}
        type="date"
        value={filters.one(name)}
        onChange={(_event, value) => filters.set(name, value)}
      />
    </span>
  );
}

function Ranges({ filters }: { filters: UrlFilters }) {
  const [now] = useState(() => new Date());
  const ranges: [string, string][] = [
    ['30 days', dayText(now, -30)],
    ['90 days', dayText(now, -90)],
    ['This year', `${now.getUTCFullYear()}-01-01`],
  ];
  return (
    <span role="group" aria-label="Ranges">
      {ranges.map(([name, from]) => (
        <Button
          key={name}
          variant="link"
          size="sm"
          aria-pressed={filters.one('from') === from && filters.one('to') === ''}
          onClick={() => filters.change({ from, to: null })}
        >
          {name}
        </Button>
      ))}
    </span>
  );
}

function PeopleFilter({ name, title, filters }: { name: string; title: string; filters: UrlFilters }) {
  const { data } = useQuery(peopleQuery);
  const choices = (data ?? []).flatMap((person) =>
    person.uuid === null ? [] : [{ value: person.uuid, name: personName(person) }],
  );
  return (
    <MultiSelect
      name={title}
      choices={choices}
      chosen={filters.all(name)}
      onToggle={(value) => filters.toggle(name, value)}
    />
  );
}

const findingChoices = findings.map((value) => ({ value, name: findingWords[value].text }));

export function ChangeFilters({ filters, onClear }: { filters: UrlFilters; onClear: (() => void) | undefined }) {
  const choices = usePlaceChoices();
  return (
    <Filters set={onClear !== undefined} onClear={() => onClear?.()}>
      <Day label="Merged from" name="from" filters={filters} />
      <Day label="to" name="to" filters={filters} />
      <Ranges filters={filters} />
      <TypedFilter name="Search titles" value={filters.one('q')} onChange={(q) => filters.set('q', q)} />
      <TypedFilter name="Branch" value={filters.one('branch')} onChange={(branch) => filters.set('branch', branch)} />
      <MultiSelect
        name="Finding"
        choices={findingChoices}
        chosen={filters.all('finding')}
        onToggle={(value) => filters.toggle('finding', value)}
      />
      <PeopleFilter name="author" title="Author" filters={filters} />
      <PeopleFilter name="merged_by" title="Merged by" filters={filters} />
      <PlaceFilter place="source" filters={filters} choices={choices.source} />
      <PlaceFilter place="project" filters={filters} choices={choices.project} />
      <PlaceFilter place="repository" filters={filters} choices={choices.repository} />
    </Filters>
  );
}
