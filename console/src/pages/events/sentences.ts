import type { Event } from '../../api/readBack';
import { wordsOf } from '../../common/format';
import { coverageWords, syncWords, type Tone } from '../../common/status';

/** An event as a sentence: its subject, which is a link, and what became of it. */
export interface Sentence {
  subject: string;
  to: string | null;
  text: string;
  tone: Tone;
}

type NameOf = (sourceId: string) => string;
type Say = (event: Event, nameOf: NameOf) => Sentence;

/** A member of the event's data as text; "" where it has none. */
function fact(event: Event, name: string): string {
  const value = event.data[name];
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

const lower = (text: string) => text.charAt(0).toLowerCase() + text.slice(1);
const days = (count: string) => (count === '1' ? '1 day' : `${count} days`);

function artifact(text: string, tone: Tone = 'quiet'): Say {
  return (event) => {
    const place = fact(event, 'repository') || fact(event, 'workspace');
    const kind = wordsOf(fact(event, 'kind') || 'artifact');
    return { subject: place === '' ? kind : `${kind} of ${place}`, to: `/artifacts/${event.subject_id}`, text, tone };
  };
}

function source(text: string | ((event: Event) => string), tone: Tone = 'quiet', tab = ''): Say {
  return (event, nameOf) => ({
    subject: fact(event, 'name') || nameOf(event.source_id ?? event.subject_id),
    to: `/sources/${event.source_id ?? event.subject_id}${tab}`,
    text: typeof text === 'string' ? text : text(event),
    tone,
  });
}

function sync(text: (event: Event) => string, tone: (event: Event) => Tone): Say {
  return (event, nameOf) => ({
    subject: `Sync of ${nameOf(event.source_id ?? '')}`,
    to: `/syncs/${event.subject_id}`,
    text: text(event),
    tone: tone(event),
  });
}

function session(text: (event: Event) => string): Say {
  return (event) => ({
    subject: `Key ${fact(event, 'key') || fact(event, 'key_id')}`,
    to: '/keys',
    text: text(event),
    tone: 'quiet',
  });
}

const coverageText = (event: Event) => {
  const to = fact(event, 'to');
  const word = lower((coverageWords as Partial<Record<string, { text: string }>>)[to]?.text ?? wordsOf(to));
  const scopes = fact(event, 'scopes');
  return `covers ${lower(wordsOf(fact(event, 'kind')))} differently now: ${word}${scopes === '' ? '' : ` (${scopes})`}`;
};

const driftText = (event: Event) => {
  const what = lower(wordsOf(fact(event, 'what')));
  const path = fact(event, 'path');
  return `${what} in ${fact(event, 'stream')}${path === '' ? '' : `: ${path}`}`;
};

const triggers: Partial<Record<string, string>> = { schedule: 'by its schedule', api: 'because somebody asked' };
const triggerText = (event: Event) => triggers[fact(event, 'trigger')] ?? fact(event, 'trigger');
const resultWord = (event: Event) =>
  (syncWords as Partial<Record<string, { text: string; tone: Tone }>>)[fact(event, 'result')];

const endings: Partial<Record<string, string>> = {
  signed_out: 'signed out',
  replaced: 'was signed out by a newer session',
  expired: 'was signed out: the session expired',
  key_revoked: 'was signed out: the key is revoked',
};

const table: Record<string, Say> = {
  'artifact.created': artifact('was collected for the first time', 'good'),
  'artifact.revised': artifact('changed', 'busy'),
  'artifact.removed': artifact('is gone', 'warning'),
  'artifact.restored': artifact('is back', 'good'),
  'artifact.moved': artifact('moved: a name above it changed', 'busy'),
  'coverage.changed': (event, nameOf) =>
    source(coverageText, fact(event, 'to') === 'available' ? 'good' : 'warning', '/coverage')(event, nameOf),
  'credential.expiring': source(
    (event) => `has a credential that expires within ${days(fact(event, 'threshold_days'))}`,
    'warning',
    '/credential',
  ),
  'credential.expired': source('has a credential that expired', 'danger', '/credential'),
  'credential.rotated': source('got another credential', 'good', '/credential'),
  'drift.found': source((event) => `shows something new: ${driftText(event)}`, 'warning', '/coverage'),
  'drift.ended': source((event) => `is again as it was: ${driftText(event)}`, 'good', '/coverage'),
  'session.started': session(() => 'signed in to the console'),
  'session.ended': session((event) => endings[fact(event, 'reason')] ?? 'is signed in no more'),
  'session.link_created': session(() => 'made a link that signs in once'),
  'source.created': source('was registered', 'good'),
  'source.updated': source('was changed', 'busy'),
  'source.paused': source('was paused'),
  'source.resumed': source('was resumed', 'good'),
  'source.needs_credential': source('needs a credential: Bitbucket refuses the token', 'danger', '/credential'),
  'source.deleted': source('was deleted, its token wiped', 'warning'),
  'sync.queued': sync((event) => `waits for its turn, ${triggerText(event)}`, () => 'quiet'),
  'sync.started': sync((event) => `runs, ${triggerText(event)}`, () => 'busy'),
  'sync.finished': sync(
    (event) => `is done: ${lower(resultWord(event)?.text ?? fact(event, 'result'))}`,
    (event) => resultWord(event)?.tone ?? 'quiet',
  ),
};

/** What an event says. One of a type that is not known says its type. */
export function sentenceOf(event: Event, nameOf: NameOf): Sentence {
  const say = table[event.type];
  return say?.(event, nameOf) ?? { subject: event.subject_id, to: null, text: event.type, tone: 'quiet' };
}

/** What events are about: the first word of their type. */
export const families = [...new Set(Object.keys(table).map((type) => type.split('.')[0] ?? type))];

/** The types of some families, as the API wants them named. */
export const typesOf = (chosen: string[]) =>
  Object.keys(table).filter((type) => chosen.includes(type.split('.')[0] ?? '')) as Event['type'][];
