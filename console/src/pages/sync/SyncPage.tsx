import { Button, PageSection } from '@patternfly/react-core';
import { useQuery } from '@tanstack/react-query';
import { useParams } from 'react-router';

import { cancelSync } from '../../api/actions';
import { sourceQuery, type Sync, syncQuery, syncReportQuery } from '../../api/queries';
import { useMay } from '../../api/session';
import { Loaded, PageLoaded } from '../../common/Loaded';
import { PageHead } from '../../common/PageHead';
import { ProblemCard } from '../../common/ProblemCard';
import { syncWord } from '../../common/status';
import { StatusWord } from '../../common/StatusWord';
import { Time } from '../../common/Time';
import { useAction } from '../../common/useAction';
import { usePage } from '../../shell/page';
import { ReconcileTable } from './ReconcileTable';
import { StreamTable } from './StreamTable';
import { SyncError } from './SyncError';
import { SyncProgress } from './SyncProgress';

function Cancel({ sync }: { sync: Sync }) {
  const cancel = useAction({ run: () => cancelSync(sync.id), done: () => 'It ends at the end of a page' });
  return (
    <>
      <Button
        variant="secondary"
        isLoading={cancel.isPending}
        isDisabled={cancel.isPending || sync.cancel_requested}
        onClick={() => cancel.mutate(undefined)}
      >
        {sync.cancel_requested ? 'Cancelling…' : 'Cancel'}
      </Button>
      {cancel.isError && <ProblemCard error={cancel.error} />}
    </>
  );
}

function Report({ sync }: { sync: Sync }) {
  const query = useQuery({ ...syncReportQuery(sync.id), enabled: sync.state === 'done' });
  if (sync.state !== 'done') return null;
  return (
    <section className="ev-part" aria-labelledby="reconcile">
      <h2 id="reconcile">Ours against Bitbucket’s</h2>
      <p className="ev-quiet">
        How each stream was asked for, and the rows that were read against the size that Bitbucket told.
      </p>
      <Loaded query={query}>{(report) => <ReconcileTable report={report} />}</Loaded>
    </section>
  );
}

function Page({ sync }: { sync: Sync }) {
  const source = useQuery(sourceQuery(sync.source_id));
  const may = useMay('admin', 'operator');
  const name = source.data?.name ?? sync.source_id;
  usePage({
    title: `Sync of ${name}`,
    apiUrl: `/v1/syncs/${sync.id}`,
    command: `evidenced sync ${sync.state === 'done' ? 'show' : 'watch'} ${sync.id}`,
  });
  return (
    <>
      <PageHead
        title={`Sync of ${name}`}
        above={[
          ['Sources', '/sources'],
          [name, `/sources/${sync.source_id}/syncs`],
        ]}
        mark={<StatusWord word={syncWord(sync)} />}
        actions={may && sync.state !== 'done' && <Cancel sync={sync} />}
      >
        <code>{sync.id}</code> · {sync.mode} · queued <Time at={sync.queued_at} />
      </PageHead>
      <PageSection hasBodyWrapper={false} aria-label="Progress and streams">
        <SyncError sync={sync} />
        <SyncProgress sync={sync} />
        <StreamTable sync={sync} />
        <Report sync={sync} />
      </PageSection>
    </>
  );
}

export default function SyncPage() {
  const { id = '' } = useParams();
  const query = useQuery(syncQuery(id));
  return (
    <>
      {query.data === undefined && <PageHead title="Sync" above={[['Syncs', '/syncs']]} />}
      <PageLoaded query={query}>{(sync) => <Page sync={sync} />}</PageLoaded>
    </>
  );
}
