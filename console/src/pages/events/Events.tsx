import { PageSection } from '@patternfly/react-core';
import { Table, Tbody, Td, Th, Thead, Tr } from '@patternfly/react-table';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { Link } from 'react-router';

import './events.css';

import { eventsQuery } from '../../api/feed';
import { sourcesQuery } from '../../api/queries';
import type { Event } from '../../api/readBack';
import { Filters } from '../../common/Filters';
import { wordsOf } from '../../common/format';
import { Loaded } from '../../common/Loaded';
import { More } from '../../common/More';
import { MultiSelect } from '../../common/MultiSelect';
import { Nothing } from '../../common/Nothing';
import { PageHead } from '../../common/PageHead';
import { ToneLabel } from '../../common/StatusWord';
import { Time } from '../../common/Time';
import { queryText, useFilters } from '../../common/urlFilters';
import { usePage } from '../../shell/page';
import { families, sentenceOf, typesOf } from './sentences';

type NameOf = (id: string) => string;

const familyChoices = families.map((family) => ({ value: family, name: wordsOf(family) }));

function useFilter() {
  const filters = useFilters();
  const chosen = filters.all('family');
  const sources = filters.all('source');
  const filter = { type: typesOf(chosen), source: sources };
  return { filters, chosen, sources, filter };
}

function Row({ event, nameOf }: { event: Event; nameOf: NameOf }) {
  const { subject, to, text, tone } = sentenceOf(event, nameOf);
  return (
    <Tr>
      <Td dataLabel="When" modifier="nowrap">
        <Time at={event.at} />
      </Td>
      <Td dataLabel="About" modifier="nowrap">
        <ToneLabel tone={tone}>{wordsOf(event.type.split('.')[0] ?? event.type)}</ToneLabel>
      </Td>
      <Td dataLabel="What" className="ev-wrap">
        <div>
          {to === null ? (
            <bdi>{subject}</bdi>
          ) : (
            <Link to={to}>
              <bdi>{subject}</bdi>
            </Link>
          )}{' '}
          {text}
          <details className="ev-event-raw">
            <summary>
              <code>{event.type}</code> at position {event.seq}
            </summary>
            <pre>{JSON.stringify(event, null, 2)}</pre>
          </details>
        </div>
      </Td>
    </Tr>
  );
}

function EventTable({ events, nameOf }: { events: Event[]; nameOf: NameOf }) {
  return (
    <div className="ev-scroll" tabIndex={0} role="region" aria-label="Feed">
      <Table variant="compact" aria-label="Events, the newest first">
        <Thead>
          <Tr>
            <Th modifier="nowrap">When</Th>
            <Th modifier="nowrap">About</Th>
            <Th modifier="nowrap">What</Th>
          </Tr>
        </Thead>
        <Tbody>
          {events.map((event) => (
            <Row key={event.seq} event={event} nameOf={nameOf} />
          ))}
        </Tbody>
      </Table>
    </div>
  );
}

export default function Events() {
  const { filters, chosen, sources, filter } = useFilter();
  const query = useInfiniteQuery(eventsQuery(filter));
  const known = useQuery(sourcesQuery({}));
  const choices = (known.data?.items ?? []).map((source) => ({ value: source.id, name: source.name }));
  const nameOf = useMemo(() => {
    const names = new Map(known.data?.items.map((source) => [source.id, source.name]));
    return (id: string) => names.get(id) ?? id;
  }, [known.data]);
  usePage({ title: 'Events', apiUrl: `/v1/changes${queryText(filter)}` });
  const filtered = chosen.length + sources.length > 0;
  return (
    <>
      <PageHead title="Events">
        What happened, the newest first. Something that was collected stands here once, at its last change.
      </PageHead>
      <PageSection hasBodyWrapper={false} aria-label="What happened">
        <Filters set={filtered} onClear={filters.clear}>
          <MultiSelect
            name="About"
            choices={familyChoices}
            chosen={chosen}
            onToggle={(value) => filters.toggle('family', value)}
          />
          <MultiSelect
            name="Source"
            choices={choices}
            chosen={sources}
            onToggle={(value) => filters.toggle('source', value)}
          />
        </Filters>
        <Loaded query={query}>
          {(data) => {
            const events = data.pages.flatMap((page) => page.items);
            if (events.length > 0) return <EventTable events={events} nameOf={nameOf} />;
            return (
              <Nothing title="No events" onClear={filtered ? filters.clear : undefined}>
                Nothing has happened yet. The first event comes with the first source.
              </Nothing>
            );
          }}
        </Loaded>
        <More query={query} name="Older events" />
      </PageSection>
    </>
  );
}
