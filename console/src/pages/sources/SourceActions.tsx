import { DropdownItem, DropdownList } from '@patternfly/react-core';
import EllipsisVIcon from '@patternfly/react-icons/dist/esm/icons/ellipsis-v-icon';
import { useNavigate } from 'react-router';

import { pauseSource, resumeSource, startSync } from '../../api/actions';
import type { Source } from '../../api/queries';
import { IconMenu } from '../../common/IconMenu';
import { ProblemCard } from '../../common/ProblemCard';
import { useAction } from '../../common/useAction';

/** What can be done to a source, from a row of the table. */
export function SourceActions({ source }: { source: Source }) {
  const navigate = useNavigate();
  const sync = useAction({
    run: () => startSync(source.id, { mode: 'incremental' }),
    done: () => `A sync of ${source.name} is queued`,
    onDone: (made) => void navigate(`/syncs/${made.id}`),
  });
  const pause = useAction({ run: () => pauseSource(source.id), done: () => `${source.name} is paused` });
  const resume = useAction({ run: () => resumeSource(source.id), done: () => `${source.name} is resumed` });
  const failed = [sync, pause, resume].find((action) => action.isError);
  const act = (action: { mutate: (input: undefined) => void }) => action.mutate(undefined);
  if (source.state === 'deleted') return null;
  return (
    <>
      <IconMenu label={`Actions of ${source.name}`} icon={<EllipsisVIcon />}>
        <DropdownList>
          {source.state === 'active' && <DropdownItem onClick={() => act(sync)}>Sync now</DropdownItem>}
          {source.state === 'active' && <DropdownItem onClick={() => act(pause)}>Pause</DropdownItem>}
          {source.state === 'paused' && <DropdownItem onClick={() => act(resume)}>Resume</DropdownItem>}
          <DropdownItem onClick={() => void navigate(`/sources/${source.id}/credential`)}>
            Test or rotate the token…
          </DropdownItem>
          <DropdownItem onClick={() => void navigate(`/sources/${source.id}/settings`)}>Settings…</DropdownItem>
        </DropdownList>
      </IconMenu>
      {failed && <ProblemCard error={failed.error} />}
    </>
  );
}
