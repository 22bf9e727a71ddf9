import { Label } from '@patternfly/react-core';
import { Table, Tbody, Td, Th, Thead, Tr } from '@patternfly/react-table';
import { useState } from 'react';
import { Link } from 'react-router';

import type { Schemas } from '../../api/client';
import type { Source } from '../../api/queries';
import { Expiry } from '../../common/Expiry';
import { countText, intervalText } from '../../common/format';
import { healthWords } from '../../common/status';
import { StatusWord } from '../../common/StatusWord';
import { Time } from '../../common/Time';
import { SourceActions } from './SourceActions';

type Entry = Schemas['Overview']['items'][number];

interface Column {
  name: string;
  key?: (source: Source, entry: Entry | undefined) => string | number;
}

const columns: Column[] = [
  { name: 'Name', key: (source) => source.name.toLowerCase() },
  { name: 'Status', key: (source) => healthWords[source.health.status].text },
  { name: 'Workspaces' },
  { name: 'Streams', key: (_source, entry) => (entry ? entry.streams_ok - entry.streams_total : 0) },
  { name: 'Artifacts', key: (_source, entry) => entry?.artifacts ?? 0 },
  { name: 'Last sync', key: (source) => source.last_sync?.finished_at ?? '' },
  { name: 'Next sync', key: (source) => source.schedule.next_run_at ?? '9' },
  { name: 'Expires', key: (source) => source.credential?.expires_at ?? '9' },
];

const counted = ['Streams', 'Artifacts'];

const few = 2;

function Workspaces({ source }: { source: Source }) {
  if (source.workspaces === 'all') return <span className="ev-quiet">all</span>;
  const slugs = [source.workspaces].flat();
  return (
    <div className="ev-labels" title={slugs.join(', ')}>
      {slugs.slice(0, few).map((slug) => (
        <Label key={slug} isCompact variant="outline">
          {slug}
        </Label>
      ))}
      {slugs.length > few && <span className="ev-quiet">{`and ${slugs.length - few} more`}</span>}
    </div>
  );
}

function Cells({ source, entry }: { source: Source; entry: Entry | undefined }) {
  return (
    <>
      <Th dataLabel="Name" className="ev-wrap">
        <Link to={`/sources/${source.id}`}>
          <bdi>{source.name}</bdi>
        </Link>
      </Th>
      <Td dataLabel="Status">
        <StatusWord word={healthWords[source.health.status]} detail={source.health.reason} />
      </Td>
      <Td dataLabel="Workspaces">
        <Workspaces source={source} />
      </Td>
      <Td dataLabel="Streams" className="ev-number">
        {entry && (
          <Link to={`/sources/${source.id}/coverage`}>
            {entry.streams_ok} of {entry.streams_total}
          </Link>
        )}
      </Td>
      <Td dataLabel="Artifacts" className="ev-number">
        {entry && <Link to={`/artifacts?source=${source.id}`}>{countText(entry.artifacts)}</Link>}
      </Td>
      <Td dataLabel="Last sync">
        {source.last_sync ? (
          <Link to={`/syncs/${source.last_sync.id}`}>
            <Time at={source.last_sync.finished_at} none="running" />
          </Link>
        ) : (
          <span className="ev-quiet">never</span>
        )}
      </Td>
      <Td dataLabel="Next sync">
        <div>
          <Time at={source.schedule.next_run_at} />
          <div className="ev-quiet">{intervalText(source.schedule.interval)}</div>
        </div>
      </Td>
      <Td dataLabel="Expires">
        <Expiry
          at={source.credential?.expires_at ?? null}
          daysLeft={source.credential?.days_left ?? null}
          source={source.credential?.expiry_source}
          refused={source.state === 'needs_credential'}
        />
      </Td>
    </>
  );
}

interface SourcesTableProperties {
  sources: Source[];
  overview: Entry[];
  chosen: string[];
  /** Not given: rows cannot be chosen, and nothing can be done to them. */
  onChoose?: ((id: string, on: boolean) => void) | undefined;
}

export function SourcesTable({ sources, overview, chosen, onChoose }: SourcesTableProperties) {
  const [sort, setSort] = useState<{ index: number; direction: 'asc' | 'desc' }>({ index: 0, direction: 'asc' });
  const entries = new Map(overview.map((entry) => [entry.id, entry]));
  const key = columns[sort.index]?.key;
  const sorted = [...sources].sort((left, right) => {
    const [a, b] = [key?.(left, entries.get(left.id)) ?? '', key?.(right, entries.get(right.id)) ?? ''];
    const order = a < b ? -1 : a > b ? 1 : 0;
    return sort.direction === 'asc' ? order : -order;
  });
  return (
    <div className="ev-scroll" tabIndex={0} role="region" aria-label="Table of sources">
      <Table variant="compact" aria-label="Sources">
        <Thead>
          <Tr>
            {onChoose && <Th screenReaderText="Choose" />}
            {columns.map((column, index) => (
              <Th
                key={column.name}
                className={counted.includes(column.name) ? 'ev-number' : undefined}
                {...(column.key && {
                  sort: {
                    sortBy: sort,
                    columnIndex: index,
                    onSort: (_event, at, direction) => setSort({ index: at, direction }),
                  },
                })}
              >
                {column.name}
              </Th>
            ))}
            {onChoose && <Th screenReaderText="Actions" />}
          </Tr>
        </Thead>
        <Tbody>
          {sorted.map((source, index) => (
            <Tr key={source.id}>
              {onChoose && (
                <Td
                  select={{
                    rowIndex: index,
                    isSelected: chosen.includes(source.id),
                    onSelect: (_event, on) => onChoose(source.id, on),
                    props: { 'aria-label': `Choose ${source.name}` },
                  }}
                />
              )}
              <Cells source={source} entry={entries.get(source.id)} />
              {onChoose && (
                <Td isActionCell>
                  <SourceActions source={source} />
                </Td>
              )}
            </Tr>
          ))}
        </Tbody>
      </Table>
    </div>
  );
}
