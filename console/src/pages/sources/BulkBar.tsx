import { ActionList, ActionListItem, Button } from '@patternfly/react-core';

import { pauseSource, resumeSource, startSync } from '../../api/actions';
import type { Source } from '../../api/queries';
import { plural } from '../../common/format';
import { ProblemCard } from '../../common/ProblemCard';
import { useAction } from '../../common/useAction';

/** Does the same to each, one after the other; the first refusal ends it and is told. */
const toEach = (act: (id: string) => Promise<unknown>) => async (sources: Source[]) => {
  for (const source of sources) await act(source.id);
  return sources.length;
};

/** What can be done to all chosen sources at once. */
export function BulkBar({ sources, onDone }: { sources: Source[]; onDone: () => void }) {
  const pause = useAction({
    run: toEach(pauseSource),
    done: (count) => `${plural(count, 'source')} paused`,
    onDone,
  });
  const resume = useAction({
    run: toEach(resumeSource),
    done: (count) => `${plural(count, 'source')} resumed`,
    onDone,
  });
  const sync = useAction({
    run: toEach((id) => startSync(id, { mode: 'incremental' })),
    done: (count) => `${plural(count, 'sync', 'syncs')} queued`,
    onDone,
  });
  const active = sources.filter((source) => source.state === 'active');
  const paused = sources.filter((source) => source.state === 'paused');
  const failed = [pause, resume, sync].find((action) => action.isError);
  const busy = pause.isPending || resume.isPending || sync.isPending;
  return (
    <>
      <ActionList aria-label="Chosen sources">
        <ActionListItem className="ev-quiet">{plural(sources.length, 'source')} chosen</ActionListItem>
        <ActionListItem>
          <Button
            variant="secondary"
            size="sm"
            isDisabled={busy || active.length === 0}
            onClick={() => pause.mutate(active)}
          >
            Pause {active.length > 0 && active.length}
          </Button>
        </ActionListItem>
        <ActionListItem>
          <Button
            variant="secondary"
            size="sm"
            isDisabled={busy || paused.length === 0}
            onClick={() => resume.mutate(paused)}
          >
            Resume {paused.length > 0 && paused.length}
          </Button>
        </ActionListItem>
        <ActionListItem>
          <Button
            variant="secondary"
            size="sm"
            isDisabled={busy || active.length === 0}
            onClick={() => sync.mutate(active)}
          >
            Sync {active.length > 0 && active.length}
          </Button>
        </ActionListItem>
      </ActionList>
      {failed && <ProblemCard error={failed.error} />}
    </>
  );
}
