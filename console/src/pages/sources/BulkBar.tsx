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
  const actions = [
    { name: 'Pause', action: pause, to: active },
    { name: 'Resume', action: resume, to: paused },
    { name: 'Sync', action: sync, to: active },
  ];
  const failed = actions.find(({ action }) => action.isError)?.action;
  const busy = actions.some(({ action }) => action.isPending);
  return (
    <>
      <ActionList aria-label="Chosen sources">
        <ActionListItem className="ev-quiet">{plural(sources.length, 'source')} chosen</ActionListItem>
        {actions.map(({ name, action, to }) => (
          <ActionListItem key={name}>
            <Button
              variant="secondary"
              size="sm"
              isDisabled={busy || to.length === 0}
              onClick={() => action.mutate(to)}
            >
              {name} {to.length > 0 && to.length}
            </Button>
          </ActionListItem>
        ))}
      </ActionList>
      {failed && <ProblemCard error={failed.error} />}
    </>
  );
}
