import {
  DescriptionList,
  DescriptionListDescription,
  DescriptionListGroup,
  DescriptionListTerm,
  List,
  ListItem,
  Title,
} from '@patternfly/react-core';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Link } from 'react-router';

import type { Artifact } from '../../api/artifacts';
import type { Schemas } from '../../api/client';
import { sourceQuery, syncReportQuery } from '../../api/queries';
import { Copyable } from '../../common/Copyable';
import { countText } from '../../common/format';
import { Loaded } from '../../common/Loaded';
import { streamWords } from '../../common/status';
import { StatusWord } from '../../common/StatusWord';
import { Time } from '../../common/Time';

type Report = Schemas['SyncReport'];
type Stream = Schemas['SyncStreamReport'];

function Facts({ facts }: { facts: [name: string, value: ReactNode][] }) {
  return (
    <DescriptionList isHorizontal isCompact className="ev-facts">
      {facts.map(([name, value]) => (
        <DescriptionListGroup key={name}>
          <DescriptionListTerm>{name}</DescriptionListTerm>
          <DescriptionListDescription>{value}</DescriptionListDescription>
        </DescriptionListGroup>
      ))}
    </DescriptionList>
  );
}

const ways: Record<Stream['asked']['way'], string> = {
  each_sync: 'all of it, with each sync',
  updated_on: 'what was updated since, and all of it at times',
  rotation: 'a part with each sync, in turn',
  newest_first: 'the newest first, until what is known',
  since_head: 'what came since the last one that is known',
  per_head: 'once for the head of each merged pull request',
};

function Asked({ stream, version }: { stream: Stream; version: string | null }) {
  const { asked } = stream;
  return (
    <Facts
      facts={[
        [
          'Requests',
          <List isPlain key="targets">
            {asked.targets.map((target) => (
              <ListItem key={target}>
                <code className="ev-wrap">GET {target}</code>
              </ListItem>
            ))}
          </List>,
        ],
        ['For changes, with', asked.changes === null ? '–' : <code className="ev-wrap">{asked.changes}</code>],
        ['Way', ways[asked.way]],
        ['Scope', <code key="scope">{asked.scope}</code>],
        ['State of the stream', <StatusWord key="state" word={streamWords[stream.state]} />],
        ['Version that asked', version ?? 'not kept: the requests are those of this version'],
      ]}
    />
  );
}

function HowAsked({ report, kind }: { report: Report; kind: string }) {
  const streams = report.streams.filter((stream) => stream.kind === kind);
  if (streams.length === 0) return <p className="ev-quiet">The sync keeps no report of this kind.</p>;
  return streams.map((stream) => <Asked key={stream.name} stream={stream} version={report.version} />);
}

/** Where the artifact came from, when, by which request, and what proves it. */
export function ProvenanceTab({ artifact }: { artifact: Artifact }) {
  const { source_id = '', sync_id = '', kind = '' } = artifact;
  const { data: source } = useQuery(sourceQuery(source_id));
  const report = useQuery(syncReportQuery(sync_id));
  return (
    <>
      <Facts
        facts={[
          [
            'Source',
            <Link key="source" to={`/sources/${source_id}`}>
              <bdi className="ev-wrap">{source?.name ?? source_id}</bdi>
            </Link>,
          ],
          ['Sync', <Link key="sync" to={`/syncs/${sync_id}`}>{sync_id}</Link>],
          ['First observed', <Time key="first" at={artifact.first_observed_at} />],
          ['Last changed', <Time key="last" at={artifact.observed_at} />],
          ['Removed', <Time key="removed" at={artifact.removed_at} none="no" />],
          ['Happened upstream', <Time key="dated" at={artifact.dated_at} />],
          ['Upstream id', <Copyable key="upstream" text={artifact.upstream_id ?? ''} name="the upstream id" />],
          ['Artifact', <Copyable key="id" text={artifact.id} name="the id" />],
          ['Feed position', countText(artifact.seq ?? 0)],
          ['SHA-256', <Copyable key="sha" text={artifact.content_sha256 ?? ''} name="the SHA-256" />],
          ['Tags', artifact.tags?.join(', ') || '–'],
        ]}
      />
      <Title headingLevel="h2" size="lg" className="ev-how-asked">
        How it was asked for
      </Title>
      <Loaded query={report}>{(data) => <HowAsked report={data} kind={kind} />}</Loaded>
    </>
  );
}
