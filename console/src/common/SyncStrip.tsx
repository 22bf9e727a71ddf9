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

/** "8 succeeded, 1 partial" */
function summaryOf(syncs: Brief[]): string {
  const counts = new Map<string, number>();
  for (const sync of syncs) {
    const word = syncWord(sync).text.toLowerCase();
    counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  return [...counts].map(([word, count]) => `${count} ${word}`).join(', ');
}

interface SyncStripProperties {
  syncs: Brief[];
  /** Where the same is to be read as a table. */
  to: string;
}

/**
 * The last syncs, oldest first: one bar each; height says the same as colour. The strip is one link: bars are too small to be
 * hit one by one.
 */
export function SyncStrip({ syncs, to }: SyncStripProperties) {
  const now = useNow();
  if (syncs.length === 0) return <span className="ev-quiet">none yet</span>;
  return (
    <Link to={to} className="ev-strip" aria-label={`Last ${syncs.length} syncs: ${summaryOf(syncs)}`}>
      {syncs.map((sync) => (
        <span key={sync.id} data-tone={syncWord(sync).tone} title={textOf(sync, now)} />
      ))}
    </Link>
  );
}
