import type { QueryClient } from '@tanstack/react-query';

import type { Schemas } from './client';

type Event = Schemas['Event'];
type Key = readonly unknown[];

/** What is to be asked again when this happened. Events carry no state of a page: they say what is out of date. */
export function staleAfter(event: Pick<Event, 'type' | 'source_id' | 'subject_id'>): Key[] {
  const [family] = event.type.split('.');
  const feed: Key[] = [['events']];
  const source: Key[] = [...feed, ['sources'], ['overview'], ['source', event.source_id ?? event.subject_id]];
  switch (family) {
    case 'source':
    case 'credential':
      return [...source, ['expirations']];
    case 'sync':
      return [...source, ['syncs'], ['sync', event.subject_id], ['artifacts']];
    case 'coverage':
    case 'drift':
      return [...source, ['coverage', event.source_id ?? event.subject_id]];
    default:
      return feed;
  }
}

export type LiveState = 'live' | 'polling' | 'connecting';

/** What tabs tell each other. `place`: the last event that the reading tab has heard of, "" for none. */
type Message =
  | { asks: true }
  | { state: LiveState; place: string }
  | { keys: Key[]; place: string }
  | { all: true; place: string };

// Tabs that were opened before an upgrade go on with the page that they have: the number changes with the messages.
/** The name of the channel, and of the lock that the reading tab holds. */
const shared = 'evidenced.events.2';

/** Whether `data` has the shape of a message; other scripts of this host may say something else. */
function isMessage(data: unknown): data is Message {
  if (typeof data !== 'object' || data === null) return false;
  if ('asks' in data) return true;
  if (!('place' in data && typeof data.place === 'string')) return false;
  return 'state' in data || 'all' in data || ('keys' in data && Array.isArray(data.keys));
}

const pollEvery = 15_000;
const settleAfter = 500;
const failuresBeforePolling = 3;

/**
 * Keeps the queries of this tab true. One tab of the browser reads the feed and tells the others; when it is closed,
 * the next one takes over. Where the feed cannot be read, everything is asked again every 15 s. Lives as long as the page.
 */
export class Live {
  private channel: BroadcastChannel | undefined;
  private ending = new AbortController();
  private readonly stale = new Map<string, Key>();
  private state: LiveState = 'connecting';
  private stream: EventSource | undefined;
  private failures = 0;
  private place = '';
  /** Another tab reads, or has read until now. */
  private follows = false;
  private settling: ReturnType<typeof setTimeout> | undefined;
  private polling: ReturnType<typeof setInterval> | undefined;
  private readonly listeners = new Set<() => void>();

  constructor(private readonly queries: QueryClient) {}

  /** Begins to listen, and to read when it is this tab's turn. */
  begin() {
    this.ending = new AbortController();
    this.channel = new BroadcastChannel(shared);
    this.channel.onmessage = ({ data }: MessageEvent<unknown>) => {
      if (isMessage(data)) this.told(data);
    };
    this.channel.postMessage({ asks: true } satisfies Message);
    const { signal } = this.ending;
    void navigator.locks.request(shared, { signal }, () => this.read(signal)).catch(() => undefined);
  }

  /** Ends reading; another tab takes over. */
  end() {
    this.ending.abort();
    this.stream?.close();
    this.stream = undefined;
    this.channel?.close();
    clearTimeout(this.settling);
    this.settling = undefined;
    clearInterval(this.polling);
  }

  readonly subscribe = (listener: () => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };
  readonly getState = () => this.state;

  private told(message: Message) {
    if ('asks' in message) {
      if (this.stream !== undefined) this.say({ state: this.state, place: this.place });
      return;
    }
    this.follows = true;
    this.place = message.place;
    if ('state' in message) this.become(message.state);
    else if ('keys' in message) this.mark(message.keys);
    else this.all();
  }

  private say(message: Message) {
    this.channel?.postMessage(message);
  }

  private read(ending: AbortSignal): Promise<void> {
    this.open(ending);
    return new Promise((resolve) => {
      ending.addEventListener('abort', () => resolve());
    });
  }

  private open(ending: AbortSignal) {
    const query = new URLSearchParams(eventTypes.map((type) => ['type', type]));
    if (this.place !== '') query.set('after', this.place);
    const stream = new EventSource(`/v1/events?${query.toString()}`);
    this.stream = stream;
    stream.onopen = () => {
      // What happened while nobody listened is not known: everything is asked again, once.
      if ((this.failures > 0 || this.follows) && this.place === '') this.allOver();
      this.failures = 0;
      this.follows = false;
      this.tell('live');
    };
    for (const type of eventTypes) stream.addEventListener(type, (event: MessageEvent<string>) => this.hear(event));
    stream.onerror = () => this.failed(stream, ending);
  }

  private hear(message: MessageEvent<string>) {
    this.place = message.lastEventId;
    try {
      const keys = staleAfter(JSON.parse(message.data) as Event);
      this.mark(keys);
      this.say({ keys, place: this.place });
    } catch {
      this.allOver();
    }
  }

  private failed(stream: EventSource, ending: AbortSignal) {
    this.failures += 1;
    this.tell(this.failures >= failuresBeforePolling ? 'polling' : 'connecting');
    if (stream.readyState !== EventSource.CLOSED || ending.aborted) return;
    // Refused, not cut: the place in the feed may have expired. It begins anew.
    this.place = '';
    const wait = Math.min(30_000, 1_000 * 2 ** Math.min(this.failures, 5));
    setTimeout(() => {
      if (!ending.aborted) this.open(ending);
    }, wait);
  }

  private tell(state: LiveState) {
    this.become(state);
    this.say({ state, place: this.place });
  }

  private become(state: LiveState) {
    if (state === this.state) return;
    this.state = state;
    clearInterval(this.polling);
    this.polling = state === 'polling' ? setInterval(() => this.all(), pollEvery) : undefined;
    for (const listener of this.listeners) listener();
  }

  private all() {
    void this.queries.invalidateQueries();
  }

  /** Nothing is true any more, in no tab. */
  private allOver() {
    this.all();
    this.say({ all: true, place: this.place });
  }

  /** Many events come at once: they are answered together. */
  private mark(keys: Key[]) {
    for (const key of keys) this.stale.set(JSON.stringify(key), key);
    this.settling ??= setTimeout(() => {
      this.settling = undefined;
      for (const queryKey of this.stale.values()) void this.queries.invalidateQueries({ queryKey });
      this.stale.clear();
    }, settleAfter);
  }
}

// Single artifacts are left out: a first sync makes thousands, and its end says enough.
const eventTypes: Event['type'][] = [
  'coverage.changed',
  'credential.expiring',
  'credential.expired',
  'credential.rotated',
  'drift.ended',
  'drift.found',
  'source.created',
  'source.updated',
  'source.paused',
  'source.resumed',
  'source.needs_credential',
  'source.deleted',
  'sync.queued',
  'sync.started',
  'sync.finished',
];
