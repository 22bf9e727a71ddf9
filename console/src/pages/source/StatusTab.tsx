import { Alert, DescriptionList } from '@patternfly/react-core';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';

import { driftQuery, type Source, statusQuery, syncQuery } from '../../api/queries';
import { Expiry } from '../../common/Expiry';
import { Fact } from '../../common/Fact';
import { countText, intervalText, wordsOf } from '../../common/format';
import { Loaded } from '../../common/Loaded';
import { syncWord } from '../../common/status';
import { StatusWord } from '../../common/StatusWord';
import { Time } from '../../common/Time';
import { StreamTable } from '../sync/StreamTable';
import { SyncProgress } from '../sync/SyncProgress';

function Budget() {
  const { data } = useQuery(statusQuery);
  if (data === undefined) return <>–</>;
  const { requests_last_hour: used, requests_per_hour: all } = data.upstream;
  return (
    <>
      {countText(used)} of {countText(all)} requests in the last hour, all accounts together
    </>
  );
}

function Facts({ source }: { source: Source }) {
  return (
    <DescriptionList isCompact isAutoFit>
      <Fact name="Account">
        <bdi>{source.account?.name ?? source.account?.uuid ?? 'not known yet'}</bdi>
      </Fact>
      <Fact name="Workspaces">
        {source.workspaces === 'all' ? 'all that it sees' : [source.workspaces].flat().join(', ')}
      </Fact>
      <Fact name="Schedule">
        {intervalText(source.schedule.interval)}, next <Time at={source.schedule.next_run_at} none="not planned" />
      </Fact>
      <Fact name="Token expires">
        <Expiry
          at={source.credential?.expires_at ?? null}
          daysLeft={source.credential?.days_left ?? null}
          source={source.credential?.expiry_source}
          refused={source.state === 'needs_credential'}
        />
      </Fact>
      <Fact name="Budget">
        <Budget />
      </Fact>
      <Fact name="Registered">
        <Time at={source.created_at} />
      </Fact>
    </DescriptionList>
  );
}

function Drift({ source }: { source: Source }) {
  const { data } = useQuery(driftQuery(source.id));
  if (!data || data.items.length === 0) return null;
  return (
    <Alert isInline component="h2" variant="info" title="Bitbucket's answers have changed" className="ev-problem">
      {data.items.slice(0, 5).map((drift) => (
        <p key={JSON.stringify(drift)} className="ev-wrap">
          {wordsOf(drift.stream)}: {drift.what.replaceAll('_', ' ')} <code>{drift.path}</code> {drift.value}
        </p>
      ))}
      <p>Nothing is lost: what arrives is kept as it is. Look for a newer version of the program.</p>
    </Alert>
  );
}

function LastSync({ id }: { id: string }) {
  const query = useQuery(syncQuery(id));
  return (
    <Loaded query={query}>
      {(sync) => (
        <>
          <div className="ev-part ev-head-title">
            <h2>
              <Link to={`/syncs/${id}`}>{sync.state === 'done' ? 'Last sync' : 'This sync'}</Link>
            </h2>
            <StatusWord word={syncWord(sync)} />
          </div>
          <SyncProgress sync={sync} />
          <StreamTable sync={sync} />
        </>
      )}
    </Loaded>
  );
}

/** How a source fares: facts, drift, and its last sync by stream. */
export function StatusTab({ source }: { source: Source }) {
  return (
    <>
      <Facts source={source} />
      <Drift source={source} />
      {source.last_sync ? <LastSync id={source.last_sync.id} /> : <p className="ev-quiet">It was never synced.</p>}
    </>
  );
}
