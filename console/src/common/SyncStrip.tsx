import { Link } from 'react-router';

import type { Schemas } from '../api/client';
import { useNow } from './clock';
import { durationText, relativeText } from './format';
import { syncWord } from './status';

type Brief = Schemas['Overview']['items'][number]['recent_syncs'][number];

function textOf(sync: Brief, now: Date): string {
  const word = syncWord(sync).text;
  const when = relativeText(new Date(sync.finished_at ?? sync.started_at ?? sync.queued_at), now);
  if (sync.started_at === null || sync.finished_at === null) return `${word}, ${when}`;
  const seconds = (Date.parse(sync.finished_at) - Date.parse(sync.started_at)) / 1000;
  return `${word} ${when}, took ${durationText(seconds)}`;
}

/** The last syncs, oldest first: one bar each, a link to it. Height says the same as colour. */
export function SyncStrip({ syncs, source }: { syncs: Brief[]; source: string }) {
  const now = useNow();
  if (syncs.length === 0) return <span className="ev-quiet">none yet</span>;
  return (
    <span className="ev-strip" role="group" aria-label={`Last ${syncs.length} syncs of ${source}`}>
      {syncs.map((sync) => (
        <Link
          key={sync.id}
          to={`/syncs/${sync.id}`}
          data-tone={syncWord(sync).tone}
          title={textOf(sync, now)}
          aria-label={textOf(sync, now)}
        />
      ))}
    </span>
  );
}
