import { Progress, ProgressMeasureLocation } from '@patternfly/react-core';

import type { Sync } from '../../api/queries';
import { useNow } from '../../common/clock';
import { countText, durationText, plural } from '../../common/format';
import { Time } from '../../common/Time';
import { percentOf, secondsOf, totalsOf } from './progress';

function Waiting({ sync }: { sync: Sync }) {
  const { eta_seconds: eta, waiting_until: until } = sync.progress;
  if (sync.state === 'done') return null;
  return (
    <>
      {eta !== null && <> · about {durationText(eta)} left</>}
      {until !== null && (
        <>
          {' '}
          · waits for Bitbucket or the budget, goes on <Time at={until} />
        </>
      )}
      {sync.cancel_requested && <> · it will be cancelled at the end of a page</>}
    </>
  );
}

function Trouble({ sync }: { sync: Sync }) {
  const { retries, waited_seconds: waited, budget } = sync.progress;
  return (
    <>
      {retries > 0 && ` · ${plural(retries, 'retry', 'retries')}`}
      {waited > 0 && ` · waited ${durationText(waited)}`}
      {budget !== null && ` · ${countText(budget.used)} of ${countText(budget.limit)} requests of this hour used`}
    </>
  );
}

/** How far a sync is, what it did, and how long it takes. */
export function SyncProgress({ sync }: { sync: Sync }) {
  const now = useNow();
  const { requests_done: done, requests_planned: planned } = sync.progress;
  const totals = totalsOf(sync);
  const seconds = secondsOf(sync, now);
  return (
    <div className="ev-progress">
      {sync.state !== 'done' && (
        <Progress
          value={percentOf(sync)}
          measureLocation={ProgressMeasureLocation.outside}
          aria-label="Progress of the sync"
        />
      )}
      <p className="ev-quiet">
        {sync.state === 'done'
          ? plural(done, 'request')
          : `${countText(done)} of about ${plural(Math.max(done, planned), 'request')}`}
        {seconds !== null && ` · ${durationText(seconds)}`}
        {` · ${countText(totals.seen)} seen, ${countText(totals.created)} new, ${countText(totals.revised)} changed, ${countText(totals.removed)} removed`}
        <Trouble sync={sync} />
        <Waiting sync={sync} />
      </p>
    </div>
  );
}
