import { Progress, ProgressSize } from '@patternfly/react-core';
import { Table, Tbody, Td, Th, Thead, Tr } from '@patternfly/react-table';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';

import type { Sync } from '../../api/queries';
import { useNow } from '../../common/clock';
import { countText, durationText, plural, wordsOf } from '../../common/format';
import { streamWords } from '../../common/status';
import { StatusWord } from '../../common/StatusWord';
import { spanOf } from './progress';
import { problemQuery } from './SyncError';

type Stream = Sync['streams'][number];

/** Why a stream failed, where it is not just what the whole sync failed of. */
function Failure({ stream, sync }: { stream: Stream; sync: Sync }) {
  const { error } = stream;
  const isNews = error !== null && error.code !== sync.error?.code;
  const { data } = useQuery({ ...problemQuery(error?.code ?? ''), enabled: isNews });
  if (error === null || (!isNews && error.detail === sync.error?.detail)) return null;
  const scopes = (error.scopes ?? []).join(', ');
  if (stream.state === 'unavailable' && isNews) {
    const title = data?.title ?? error.code;
    return <div className="ev-failure ev-quiet">{scopes === '' ? title : `${title}: ${scopes}`}</div>;
  }
  return (
    <div className="ev-failure">
      {data && <strong>{data.title}</strong>}
      <div className="ev-quiet">
        {error.detail} <code>{error.code}</code>
      </div>
      {scopes !== '' && <div>Scope: {scopes}</div>}
      {error.partitions_failed !== undefined && error.partitions_failed > 0 && (
        <div>{plural(error.partitions_failed, 'partition')} failed</div>
      )}
      {data?.remedy.map((line) => (
        <div key={line}>{line}</div>
      ))}
    </div>
  );
}

function Parts({ stream }: { stream: Stream }) {
  const { partitions_done: done, partitions_total: total } = stream;
  if (total <= 1) return null;
  if (stream.state !== 'running') return <>{`${countText(done)} of ${countText(total)}`}</>;
  return (
    <Progress
      size={ProgressSize.sm}
      value={done}
      max={total}
      label={`${countText(done)} of ${countText(total)}`}
      aria-label={`Partitions of ${stream.name}`}
    />
  );
}

/** A bar from the stream's first request to its last one, within the time of the sync. */
function Span({ stream, sync }: { stream: Stream; sync: Sync }) {
  const now = useNow();
  const span = spanOf(stream, sync, now);
  if (span === null || stream.started_at === null) return null;
  const end = stream.finished_at === null ? now.getTime() : Date.parse(stream.finished_at);
  const trouble = [
    stream.retries > 0 ? plural(stream.retries, 'retry', 'retries') : '',
    stream.waited_seconds > 0 ? `waited ${durationText(stream.waited_seconds)}` : '',
  ].filter((text) => text !== '');
  return (
    <div className="ev-when">
      <div className="ev-span" aria-hidden="true">
        <div style={{ insetInlineStart: `${span.from}%`, width: `max(3px, ${span.length}%)` }} />
      </div>
      <span className="ev-quiet">
        {[durationText((end - Date.parse(stream.started_at)) / 1000), ...trouble].join(', ')}
      </span>
    </div>
  );
}

function Row({ stream, sync }: { stream: Stream; sync: Sync }) {
  const source = sync.source_id;
  return (
    <Tr>
      <Th dataLabel="Stream">
        <Link to={`/artifacts?source=${source}&kind=${stream.name}`}>{wordsOf(stream.name)}</Link>
      </Th>
      <Td dataLabel="State">
        <StatusWord word={streamWords[stream.state]} />
        <Failure stream={stream} sync={sync} />
      </Td>
      <Td dataLabel="Partitions" modifier={stream.state === 'running' ? undefined : 'nowrap'}>
        <Parts stream={stream} />
      </Td>
      <Td dataLabel="When">
        <Span stream={stream} sync={sync} />
      </Td>
      <Td dataLabel="Requests" className="ev-number">
        {countText(stream.requests)}
      </Td>
      <Td dataLabel="Seen" className="ev-number">
        {countText(stream.seen)}
      </Td>
      <Td dataLabel="New" className="ev-number">
        {countText(stream.created)}
      </Td>
      <Td dataLabel="Changed" className="ev-number">
        {countText(stream.revised)}
      </Td>
      <Td dataLabel="Removed" className="ev-number">
        {countText(stream.removed)}
      </Td>
    </Tr>
  );
}

const numbers = ['Requests', 'Seen', 'New', 'Changed', 'Removed'];

/** A sync by stream, in the order in which they are collected. */
export function StreamTable({ sync }: { sync: Sync }) {
  return (
    <div className="ev-scroll" tabIndex={0} role="region" aria-label="Table of streams">
      <Table variant="compact" aria-label="Streams of the sync">
        <Thead>
          <Tr>
            <Th>Stream</Th>
            <Th>State</Th>
            <Th>Partitions</Th>
            <Th>When</Th>
            {numbers.map((name) => (
              <Th key={name} className="ev-number">
                {name}
              </Th>
            ))}
          </Tr>
        </Thead>
        <Tbody>
          {sync.streams.map((stream) => (
            <Row key={stream.name} stream={stream} sync={sync} />
          ))}
        </Tbody>
      </Table>
    </div>
  );
}
