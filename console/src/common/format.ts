/** How times are shown. */
export type TimeMode = 'utc' | 'local' | 'relative';

const two = (value: number) => String(value).padStart(2, '0');

/** "2026-11-30 08:15:02Z" */
export function utcText(at: Date): string {
  return (
    `${at.getUTCFullYear()}-${two(at.getUTCMonth() + 1)}-${two(at.getUTCDate())} ` +
    `${two(at.getUTCHours())}:${two(at.getUTCMinutes())}:${two(at.getUTCSeconds())}Z`
  );
}

/** "2026-11-30 09:15:02 +01:00", of the zone that the machine of the reader is in. */
export function localText(at: Date): string {
  const offset = -at.getTimezoneOffset();
  const zone = `${offset < 0 ? '-' : '+'}${two(Math.floor(Math.abs(offset) / 60))}:${two(Math.abs(offset) % 60)}`;
  return (
    `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ` +
    `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())} ${zone}`
  );
}

const units: [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
];
const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });

/** "3 hours ago", "in 9 days": whole units, rounded towards now. */
export function relativeText(at: Date, now: Date): string {
  const seconds = (at.getTime() - now.getTime()) / 1000;
  for (const [unit, size] of units) {
    if (Math.abs(seconds) >= size) return relative.format(Math.trunc(seconds / size), unit);
  }
  return seconds < 0 ? 'just now' : 'in a moment';
}

export function timeText(at: Date, mode: TimeMode, now: Date): string {
  if (mode === 'relative') return relativeText(at, now);
  return mode === 'utc' ? utcText(at) : localText(at);
}

/** "1 d 2 h", "4 min 10 s", "12 s": the two largest units. */
export function durationText(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const parts: [string, number][] = [
    ['d', Math.floor(whole / 86_400)],
    ['h', Math.floor(whole / 3_600) % 24],
    ['min', Math.floor(whole / 60) % 60],
    ['s', whole % 60],
  ];
  const first = parts.findIndex(([, value]) => value > 0);
  if (first < 0) return '0 s';
  return parts
    .slice(first, first + 2)
    .filter(([, value]) => value > 0)
    .map(([unit, value]) => `${value} ${unit}`)
    .join(' ');
}

const numbers = new Intl.NumberFormat('en');
/** "48,201" */
export const countText = (value: number) => numbers.format(value);

/** "1 source", "2 sources" */
export const plural = (count: number, one: string, many = `${one}s`) =>
  `${countText(count)} ${count === 1 ? one : many}`;

/** "branch_restriction" → "Branch restriction" */
export function wordsOf(name: string): string {
  const words = name.replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** "credential.expired_or_revoked: The token has expired" → "The token has expired" */
export const sentenceOf = (reason: string) => reason.replace(/^[a-z_]+\.[a-z_]+: /, '');

const interval = /^P(?:(\d+)W|(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?)$/;
/** Seconds of an ISO 8601 duration of weeks, days, hours, minutes, seconds; null for what is none. */
export function intervalSeconds(text: string): number | null {
  const match = interval.exec(text);
  if (match === null || text.endsWith('P') || text.endsWith('T')) return null;
  const [weeks, days, hours, minutes, seconds] = match.slice(1).map((part: string | undefined) => Number(part ?? 0));
  return (
    (weeks ?? 0) * 604_800 + (days ?? 0) * 86_400 + (hours ?? 0) * 3_600 + (minutes ?? 0) * 60 + (seconds ?? 0)
  );
}

/** "every hour", "every 6 h" */
export function intervalText(text: string): string {
  const seconds = intervalSeconds(text);
  if (seconds === null) return text;
  return seconds === 3_600 ? 'every hour' : `every ${durationText(seconds)}`;
}
