import { EmptyState, EmptyStateBody, Gallery, Title } from '@patternfly/react-core';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';

import { type Artifact, relatedQuery } from '../../api/artifacts';
import type { Schemas } from '../../api/client';
import { ArtifactState } from '../../common/ArtifactState';
import { countText, wordsOf } from '../../common/format';
import { Loaded } from '../../common/Loaded';
import { pageOf } from './upstream';

type Group = Schemas['RelatedList']['items'][number];

/** Kinds whose titles end with the state: people write those of pull requests, and may write anything. */
const saysState = (artifact: Group['artifacts'][number]) =>
  artifact.kind !== 'pull_request' && artifact.state !== null && artifact.title.includes(artifact.state);

function Related({ group }: { group: Group }) {
  const page = group.url === null ? null : pageOf(group.url);
  const count = countText(group.count);
  const further = group.count - group.artifacts.length;
  return (
    <section className="ev-related" aria-labelledby={`related-${group.relation}`}>
      <Title headingLevel="h2" size="md" id={`related-${group.relation}`}>
        {wordsOf(group.relation)} {page === null ? count : <Link to={page}>{count}</Link>}
      </Title>
      <ul>
        {group.artifacts.map((artifact) => (
          <li key={artifact.id} className="ev-wrap">
            <Link to={`/artifacts/${artifact.id}`}>
              <bdi>{artifact.title || artifact.id}</bdi>
            </Link>{' '}
            <ArtifactState state={saysState(artifact) ? null : artifact.state} removedAt={artifact.removed_at} />
          </li>
        ))}
      </ul>
      {further > 0 && page !== null && <Link to={page}>All {count}</Link>}
    </section>
  );
}

/** What belongs to the artifact, by the way in which it does. */
export function RelatedTab({ artifact }: { artifact: Artifact }) {
  const query = useQuery(relatedQuery(artifact.id));
  return (
    <Loaded query={query}>
      {({ items }) => {
        const there = items.filter((group) => group.count > 0);
        const empty = items.filter((group) => group.count === 0);
        return (
          <>
            {there.length === 0 && (
              <EmptyState titleText="Nothing belongs to it" headingLevel="h2" variant="sm">
                <EmptyStateBody>Nothing that was collected refers to this artifact.</EmptyStateBody>
              </EmptyState>
            )}
            <Gallery hasGutter minWidths={{ default: 'min(20rem, 100%)' }}>
              {there.map((group) => (
                <Related key={group.relation} group={group} />
              ))}
            </Gallery>
            {there.length > 0 && empty.length > 0 && (
              <p className="ev-quiet">None of: {empty.map((group) => wordsOf(group.relation).toLowerCase()).join(', ')}</p>
            )}
          </>
        );
      }}
    </Loaded>
  );
}
