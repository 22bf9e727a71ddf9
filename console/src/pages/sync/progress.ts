import type { Sync } from '../../api/queries';

/** How far a sync is, 0 to 100; what is planned may grow while it runs, so it never says 100 before it is done. */
export function percentOf({ progress, state }: Pick<Sync, 'progress' | 'state'>): number {
  if (state === 'done') return 100;
  if (progress.requests_planned <= 0) return 0;
  return Math.min(99, Math.floor((100 * progress.requests_done) / progress.requests_planned));
}

/** What the streams of a sync did together. */
export function totalsOf({ streams }: Pick<Sync, 'streams'>) {
  const total = { seen: 0, created: 0, revised: 0, removed: 0, requests: 0 };
  for (const stream of streams) {
    total.seen += stream.seen;
    total.created += stream.created;
    total.revised += stream.revised;
    total.removed += stream.removed;
    total.requests += stream.requests;
  }
  return total;
}

/** Seconds that it took, or takes so far. */
export function secondsOf({ started_at, finished_at }: Pick<Sync, 'started_at' | 'finished_at'>, now: Date): number | null {
  if (started_at === null) return null;
  return ((finished_at === null ? now.getTime() : Date.parse(finished_at)) - Date.parse(started_at)) / 1000;
}

/** Where a stream was at work within its sync: percent from its beginning, and how much of it. null: it asked nothing. */
export function spanOf(
  stream: Pick<Sync['streams'][number], 'started_at' | 'finished_at'>,
  sync: Pick<Sync, 'started_at' | 'finished_at'>,
  now: Date,
): { from: number; length: number } | null {
  if (stream.started_at === null || sync.started_at === null) return null;
  const begin = Date.parse(sync.started_at);
  const end = sync.finished_at === null ? now.getTime() : Date.parse(sync.finished_at);
  const share = (at: number) => Math.min(100, Math.max(0, (100 * (at - begin)) / Math.max(1, end - begin)));
  const from = share(Date.parse(stream.started_at));
  const to = share(stream.finished_at === null ? end : Date.parse(stream.finished_at));
  return { from, length: Math.max(0, to - from) };
}
