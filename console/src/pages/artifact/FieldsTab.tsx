import { Alert } from '@patternfly/react-core';
import { useQuery } from '@tanstack/react-query';
import { Link, useSearchParams } from 'react-router';

import { type Artifact, revisionQuery } from '../../api/artifacts';
import { Loaded } from '../../common/Loaded';
import { Time } from '../../common/Time';
import { Tree } from './Tree';

function Content({ content }: { content: unknown }) {
  if (typeof content === 'object' && content !== null) return <Tree value={content} />;
  return <pre className="ev-code ev-wrap">{JSON.stringify(content)}</pre>;
}

function Earlier({ artifact, number }: { artifact: Artifact; number: number }) {
  const query = useQuery(revisionQuery(artifact.id, number));
  return (
    <Loaded query={query}>
      {(revision) => (
        <>
          <Alert isInline isPlain variant="info" title={`As it was as revision ${number}`}>
            Observed <Time at={revision.observed_at} />. <Link to={`/artifacts/${artifact.id}`}>Show what it is now</Link>
          </Alert>
          <Content content={revision.content} />
        </>
      )}
    </Loaded>
  );
}

/** What the artifact says, now or as an earlier revision. */
export function FieldsTab({ artifact }: { artifact: Artifact }) {
  const [parameters] = useSearchParams();
  const number = Number(parameters.get('revision') ?? artifact.revision);
  if (Number.isInteger(number) && number > 0 && number !== artifact.revision) {
    return <Earlier key={number} artifact={artifact} number={number} />;
  }
  return <Content content={artifact.content} />;
}
