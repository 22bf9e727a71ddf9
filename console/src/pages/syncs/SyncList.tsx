import { Button, EmptyState, EmptyStateBody } from '@patternfly/react-core';
import { Table, Tbody, Td, Th, Thead, Tr } from '@patternfly/react-table';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';

import { type Asked, sourcesQuery, type Sync, syncsQuery } from '../../api/queries';
import { useNow } from '../../common/clock';
import { countText, durationText } from '../../common/format';
import { Loading } from '../../common/Loaded';
import { ProblemCard } from '../../common/ProblemCard';
import { syncWord } from '../../common/status';
import { StatusWord } from '../../common/StatusWord';
import { Time } from '../../common/Time';
import { percentOf, secondsOf, totalsOf } from '../sync/progress';

const triggers: Record<Sync['trigger'], string> = {
  api: 'asked for',
  schedule: 'schedule',
  hook: 'webhook',
  credential: 'new token',
  recovery: 'recovery',
};

function Row({ sync, source }: { sync: Sync; source: string | undefined }) {
  const now = useNow();
  const totals = totalsOf(sync);
  const seconds = secondsOf(sync, now);
  return (
    <Tr>
      <Th dataLabel="Sync">
        <Link to={`/syncs/${sync.id}`}>
          <Time at={sync.started_at ?? sync.queued_at} />
        </Link>
      </Th>
      {source !== undefined && (
        <Td dataLabel="Source" className="ev-wrap">
          <Link to={`/sources/${sync.source_id}`}>
            <bdi>{source}</bdi>
          </Link>
        </Td>
      )}
      <Td dataLabel="Result">
        <StatusWord word={syncWord(sync)} />
        {sync.state === 'running' && ` ${percentOf(sync)} %`}
      </Td>
      <Td dataLabel="Why">
        {triggers[sync.trigger]}
        {sync.mode === 'full' && ', full'}
      </Td>
      <Td dataLabel="Took" className="ev-number">
        {seconds === null ? '–' : durationText(seconds)}
      </Td>
      <Td dataLabel="Requests" className="ev-number">
        {countText(sync.progress.requests_done)}
      </Td>
      <Td dataLabel="New" className="ev-number">
        {countText(totals.created)}
      </Td>
      <Td dataLabel="Changed" className="ev-number">
        {countText(totals.revised)}
      </Td>
      <Td dataLabel="Removed" className="ev-number">
        {countText(totals.removed)}
      </Td>
    </Tr>
  );
}

const numbers = ['Took', 'Requests', 'New', 'Changed', 'Removed'];

/** Syncs, newest first; of one source when the query names it. */
export function SyncList({ query }: { query: Asked<'/v1/syncs'> }) {
  const syncs = useInfiniteQuery(syncsQuery({ limit: 50, ...query }));
  const sources = useQuery(sourcesQuery({}));
  const named = query.source === undefined || query.source.length !== 1;
  const nameOf = (id: string) => sources.data?.items.find((source) => source.id === id)?.name ?? id;
  if (syncs.data === undefined) {
    return syncs.isError ? <ProblemCard error={syncs.error} onRetry={() => void syncs.refetch()} /> : <Loading />;
  }
  const items = syncs.data.pages.flatMap((page) => page.items);
  if (items.length === 0) {
    return (
      <EmptyState titleText="No sync yet" headingLevel="h2" variant="sm">
        <EmptyStateBody>There is none like this. The first one starts when a source is added.</EmptyStateBody>
      </EmptyState>
    );
  }
  return (
    <>
      {syncs.isError && <ProblemCard error={syncs.error} onRetry={() => void syncs.refetch()} />}
      <div className="ev-scroll" tabIndex={0} role="region" aria-label="Table of syncs">
        <Table variant="compact" aria-label="Syncs">
          <Thead>
            <Tr>
              <Th>Sync</Th>
              {named && <Th>Source</Th>}
              <Th>Result</Th>
              <Th>Why</Th>
              {numbers.map((name) => (
                <Th key={name} className="ev-number">
                  {name}
                </Th>
              ))}
            </Tr>
          </Thead>
          <Tbody>
            {items.map((sync) => (
              <Row key={sync.id} sync={sync} source={named ? nameOf(sync.source_id) : undefined} />
            ))}
          </Tbody>
        </Table>
      </div>
      {syncs.hasNextPage && (
        <Button variant="link" isLoading={syncs.isFetchingNextPage} onClick={() => void syncs.fetchNextPage()}>
          Older syncs
        </Button>
      )}
    </>
  );
}
