import { Button } from '@patternfly/react-core';
import { Table, Tbody, Td, Th, Thead, Tr } from '@patternfly/react-table';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from 'react-router';

import { type Artifact, revisionsQuery } from '../../api/artifacts';
import type { Schemas } from '../../api/client';
import { Loading } from '../../common/Loaded';
import { ProblemCard } from '../../common/ProblemCard';
import type { Word } from '../../common/status';
import { StatusWord } from '../../common/StatusWord';
import { Time } from '../../common/Time';

type Revision = Schemas['Revision'];

const changes: Record<Revision['change'], Word> = {
  created: { text: 'Created', tone: 'good', meaning: 'It was seen for the first time.' },
  revised: { text: 'Revised', tone: 'quiet', meaning: 'Its content was not what it had been.' },
  removed: { text: 'Removed', tone: 'warning', meaning: 'It was not there any more.' },
  restored: { text: 'Restored', tone: 'good', meaning: 'It was there again.' },
};

function Row({ revision }: { revision: Revision }) {
  const { artifact_id: id, revision: number } = revision;
  return (
    <Tr>
      <Th dataLabel="Revision" className="ev-number">
        <Link to={`/artifacts/${id}?revision=${number}`}>{number}</Link>
      </Th>
      <Td dataLabel="Change">
        <StatusWord word={changes[revision.change]} />
      </Td>
      <Td dataLabel="Observed">
        <Time at={revision.observed_at} />
      </Td>
      <Td dataLabel="Sync">
        <Link to={`/syncs/${revision.sync_id}`}>
          <code>{revision.sync_id}</code>
        </Link>
      </Td>
      <Td dataLabel="SHA-256">
        <code title={revision.content_sha256}>{revision.content_sha256.slice(0, 12)}</code>
      </Td>
      <Td dataLabel="Compare">
        {number > 1 && <Link to={`/artifacts/${id}/diff?from=${number - 1}&to=${number}`}>What changed</Link>}
      </Td>
    </Tr>
  );
}

/** What the artifact was, revision by revision. */
export function HistoryTab({ artifact }: { artifact: Artifact }) {
  const query = useInfiniteQuery(revisionsQuery(artifact.id));
  if (query.data === undefined) {
    return query.isError ? <ProblemCard error={query.error} onRetry={() => void query.refetch()} /> : <Loading />;
  }
  return (
    <>
      <div className="ev-scroll" tabIndex={0} role="region" aria-label="Revisions">
        <Table variant="compact" aria-label="Revisions">
          <Thead>
            <Tr>
              <Th className="ev-number" modifier="nowrap">
                Revision
              </Th>
              <Th>Change</Th>
              <Th>Observed</Th>
              <Th>Sync</Th>
              <Th>SHA-256</Th>
              <Th>Compare</Th>
            </Tr>
          </Thead>
          <Tbody>
            {query.data.pages
              .flatMap((page) => page.items)
              .map((revision) => (
                <Row key={revision.revision} revision={revision} />
              ))}
          </Tbody>
        </Table>
      </div>
      {query.isError && <ProblemCard error={query.error} onRetry={() => void query.fetchNextPage()} />}
      {query.hasNextPage && (
        <Button variant="link" isLoading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
          Load more
        </Button>
      )}
    </>
  );
}
