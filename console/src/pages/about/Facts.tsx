import { DescriptionList } from '@patternfly/react-core';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Link } from 'react-router';

import type { Schemas } from '../../api/client';
import { statusQuery } from '../../api/queries';
import { Fact } from '../../common/Fact';
import { countText, plural } from '../../common/format';
import { Loaded } from '../../common/Loaded';
import { Time } from '../../common/Time';

function factsOf(status: Schemas['Status']): [string, ReactNode][] {
  const { upstream, syncs } = status;
  return [
    ['Version', status.version],
    ['Running since', <Time at={status.started_at} />],
    ['Sources', <Link to="/sources">{plural(status.sources.total, 'source')}</Link>],
    ['Syncs', <Link to="/syncs">{`${countText(syncs.running)} running, ${countText(syncs.queued)} waiting`}</Link>],
    ['Artifacts', <Link to="/artifacts">{countText(status.artifacts)}</Link>],
    ['Feed position', <Link to="/events">{countText(status.as_of_seq)}</Link>],
    [
      'Requests to Bitbucket',
      `${countText(upstream.requests_last_hour)} in the last hour; each account may send ` +
        `${countText(upstream.requests_per_hour)} an hour`,
    ],
    ['API', <a href="/openapi.json">openapi.json</a>],
  ];
}

/** How the daemon fares, in numbers. */
export function Facts() {
  return (
    <Loaded query={useQuery(statusQuery)}>
      {(status) => (
        <DescriptionList isHorizontal isCompact aria-label="About the daemon">
          {factsOf(status).map(([term, fact]) => (
            <Fact key={term} name={term}>
              {fact}
            </Fact>
          ))}
        </DescriptionList>
      )}
    </Loaded>
  );
}
