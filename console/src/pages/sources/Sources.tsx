import { Button, PageSection } from '@patternfly/react-core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useNavigate } from 'react-router';

import { overviewQuery, type Source, sourcesQuery } from '../../api/queries';
import { useMay } from '../../api/session';
import { commandOf } from '../../common/commands';
import { FilteredOut } from '../../common/FilteredOut';
import { Loaded } from '../../common/Loaded';
import { PageHead } from '../../common/PageHead';
import { queryText, useFilters } from '../../common/urlFilters';
import { usePage } from '../../shell/page';
import { NoSources } from '../overview/NoSources';
import { BulkBar } from './BulkBar';
import { SourcesTable } from './SourcesTable';
import { SourcesToolbar } from './SourcesToolbar';

type States = Source['state'][];

const matches = (source: Source, typed: string, health: string[]) =>
  (health.length === 0 || health.includes(source.health.status)) &&
  (typed === '' || `${source.name} ${source.tags.join(' ')}`.toLowerCase().includes(typed.toLowerCase()));

function AddButton() {
  const navigate = useNavigate();
  return <Button onClick={() => void navigate('/sources/new')}>Add source</Button>;
}

interface ListProperties {
  items: Source[];
  filters: ReturnType<typeof useFilters>;
  may: boolean;
}

function List({ items, filters, may }: ListProperties) {
  const overview = useQuery(overviewQuery);
  const [chosen, setChosen] = useState<string[]>([]);
  const choose = (id: string, on: boolean) =>
    setChosen((now) => (on ? [...now, id] : now.filter((each) => each !== id)));
  const shown = items.filter((source) => matches(source, filters.one('name'), filters.all('health')));
  const selected = shown.filter((source) => chosen.includes(source.id));
  return (
    <>
      <SourcesToolbar filters={filters} shown={shown.length} total={items.length} />
      {may && selected.length > 0 && <BulkBar sources={selected} onDone={() => setChosen([])} />}
      {shown.length === 0 ? (
        <FilteredOut what="source" onClear={filters.clear} />
      ) : (
        <SourcesTable
          sources={shown}
          overview={overview.data?.items ?? []}
          chosen={chosen}
          onChoose={may ? choose : undefined}
        />
      )}
    </>
  );
}

export default function SourcesPage() {
  const filters = useFilters();
  const asked = { state: filters.all('state') as States, tag: filters.all('tag'), workspace: filters.all('workspace') };
  usePage({
    title: 'Sources',
    apiUrl: `/v1/sources${queryText(asked)}`,
    command: commandOf('source list', asked),
  });
  const may = useMay('admin', 'operator');
  const sources = useQuery(sourcesQuery(asked));
  return (
    <>
      <PageHead title="Sources" actions={may && <AddButton />} />
      <PageSection hasBodyWrapper={false} aria-label="All sources">
        <Loaded query={sources}>
          {({ items }) =>
            items.length === 0 && !filters.any ? (
              <NoSources />
            ) : (
              <List items={items} filters={filters} may={may} />
            )
          }
        </Loaded>
      </PageSection>
    </>
  );
}
