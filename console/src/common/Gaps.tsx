import { Alert, List, ListItem } from '@patternfly/react-core';
import { Link } from 'react-router';

import type { Schemas } from '../api/client';
import { plural, wordsOf } from './format';
import { coverageWords } from './status';

type Gap = Schemas['Gap'];

function Line({ gap, name }: { gap: Gap; name: string }) {
  return (
    <ListItem>
      <strong>{wordsOf(gap.kind)}</strong> of{' '}
      <Link to={`/sources/${gap.source_id}/coverage`}>
        <bdi className="ev-wrap">{name}</bdi>
      </Link>
      : {coverageWords[gap.status].text.toLowerCase()}
      {gap.missing_scopes.length > 0 && (
        <>
          {' '}
          (<code className="ev-wrap">{gap.missing_scopes.join(', ')}</code>)
        </>
      )}
      . <span className="ev-quiet ev-wrap">{gap.reason}</span>
    </ListItem>
  );
}

/** What a list does not show because it could not be read: never an empty table without a word. */
export function Gaps({ gaps, nameOf = (id) => id }: { gaps: Gap[]; nameOf?: (sourceId: string) => string }) {
  if (gaps.length === 0) return null;
  const kinds = new Set(gaps.map((gap) => gap.kind)).size;
  return (
    <Alert
      isInline
      isExpandable
      variant="warning"
      component="h2"
      className="ev-gaps"
      title={`This is not all: ${plural(kinds, 'kind')} ${kinds === 1 ? 'is' : 'are'} missing or not whole`}
    >
      <List>
        {gaps.map((gap) => (
          <Line key={`${gap.source_id} ${gap.kind}`} gap={gap} name={nameOf(gap.source_id)} />
        ))}
      </List>
    </Alert>
  );
}
