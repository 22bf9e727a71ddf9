import './artifacts.css';

import { Button, ExpandableSection, PageSection, Skeleton } from '@patternfly/react-core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useSearchParams } from 'react-router';

import { facetsQuery } from '../../api/artifacts';
import { asApiError } from '../../api/problem';
import { plural } from '../../common/format';
import { Gaps } from '../../common/Gaps';
import { Loading } from '../../common/Loaded';
import { PageHead } from '../../common/PageHead';
import { Time } from '../../common/Time';
import { usePage } from '../../shell/page';
import { Chips } from './Chips';
import { chosenColumns } from './columns';
import { ExportMenu, ExportState, useExport } from './Export';
import { Facets, fewValues, labelOf, manyValues } from './Facets';
import { apiUrlOf, changed, chipsOf, commandLineOf, filterOf, queryOf, toggled } from './filter';
import { List } from './List';
import { ColumnChooser, Order, Search } from './Tools';

const narrow = () => window.matchMedia('(max-width: 60rem)').matches;

/** The counts of the filter, and what its values are called. */
function useFacets(parameters: URLSearchParams) {
  const [values, setValues] = useState(fewValues);
  const query = useQuery(facetsQuery(queryOf(filterOf(parameters)), values));
  const facets = query.data?.facets ?? [];
  const nameOf = (name: string, value: string) => {
    const found = facets.find((facet) => facet.name === name)?.values.find((each) => each.value === value);
    return labelOf(name, found ?? { value, label: value });
  };
  // Those of the filter before are shown while those of this one come.
  const counted = query.isPlaceholderData ? undefined : query.data;
  return { query, counted, facets, nameOf, more: () => setValues(manyValues) };
}

type Found = ReturnType<typeof useFacets>;

function Side({ found, parameters, onChange }: { found: Found } & Changing) {
  const [open, setOpen] = useState(() => !narrow());
  const { query, facets } = found;
  return (
    <ExpandableSection
      toggleText="Filters"
      isExpanded={open}
      onToggle={(_event, expanded) => setOpen(expanded)}
      className="ev-artifacts-side"
    >
      {query.data === undefined && query.isPending && <Loading />}
      {query.isError && (
        <p className="ev-quiet">
          The counts could not be read: {asApiError(query.error).problem.title}.{' '}
          <Button variant="link" isInline onClick={() => void query.refetch()}>
            Try again
          </Button>
        </p>
      )}
      <Facets
        facets={facets}
        chosen={filterOf(parameters)}
        onChoose={(name, value) => onChange(toggled(parameters, name, value))}
        onMore={found.more}
      />
    </ExpandableSection>
  );
}

interface Changing {
  parameters: URLSearchParams;
  onChange: (parameters: URLSearchParams) => void;
}

function Count({ found }: { found: Found }) {
  const { data, isError } = found.query;
  if (data === undefined) return isError ? null : <Skeleton width="8rem" screenreaderText="Counting" />;
  if (found.query.isPlaceholderData) return 'Counting …';
  if (data.exact) return plural(data.count, 'artifact');
  return (
    <>
      At least {plural(data.count, 'artifact')}
      {data.counted_since !== null && (
        <>
          : those first seen before <Time at={data.counted_since} /> were not counted
        </>
      )}
    </>
  );
}

/** How many there are, where all were counted. */
const exactOf = (data: Found['counted']) => (data?.exact === true ? data.count : undefined);

function Content({ found, bare, parameters, onChange }: { found: Found; bare: boolean } & Changing) {
  const filter = filterOf(parameters);
  const [generation, setGeneration] = useState(0);
  return (
    <div className="ev-artifacts-main">
      {!bare && (
        <div className="ev-artifacts-tools" role="search" aria-label="Artifacts">
          <Search q={filter.q} onSearch={(q) => onChange(changed(parameters, { q }))} />
          <Order filter={filter} parameters={parameters} onChange={onChange} />
        </div>
      )}
      <Chips parameters={parameters} labelOf={found.nameOf} onChange={onChange} />
      <List
        key={`${generation} ${apiUrlOf(filter)}`}
        filter={filter}
        parameters={parameters}
        columns={chosenColumns(parameters.get('columns'))}
        nameOf={(id) => found.nameOf('source', id)}
        total={exactOf(found.counted)}
        asOf={found.counted?.as_of_seq}
        hasGaps={(found.query.data?.gaps.length ?? 0) > 0}
        onReadAnew={() => setGeneration(generation + 1)}
      />
    </div>
  );
}

/** Everything that was collected: counted, filtered, searched, exported. */
export default function ArtifactsPage() {
  const [parameters, setParameters] = useSearchParams();
  const filter = filterOf(parameters);
  usePage({ title: 'Artifacts', apiUrl: apiUrlOf(filter), command: commandLineOf(filter) });
  const found = useFacets(parameters);
  const made = useExport(apiUrlOf(filter), exactOf(found.counted));
  const columns = chosenColumns(parameters.get('columns')).map(({ name }) => name);
  // Without anything, and nothing that hides it, there is nothing to filter.
  const bare = exactOf(found.counted) === 0 && chipsOf(parameters).length === 0;
  const changing = { parameters, onChange: (next: URLSearchParams) => setParameters(next) };
  return (
    <>
      <PageHead
        title="Artifacts"
        mark={
          <span className="ev-quiet">
            <Count found={found} />
          </span>
        }
        actions={
          <>
            <ColumnChooser chosen={columns} {...changing} />
            <ExportMenu made={made} count={exactOf(found.counted)} />
          </>
        }
      />
      <PageSection hasBodyWrapper={false} aria-label="Artifacts and filters">
        <Gaps gaps={found.query.data?.gaps ?? []} nameOf={(id) => found.nameOf('source', id)} />
        <ExportState made={made} />
        <div className={bare ? undefined : 'ev-artifacts'}>
          {!bare && <Side found={found} {...changing} />}
          <Content found={found} bare={bare} {...changing} />
        </div>
      </PageSection>
    </>
  );
}
