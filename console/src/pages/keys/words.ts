import type { ApiKey } from '../../api/keys';
import type { Role } from '../../api/session';
import { dayText } from '../../common/days';
import type { Word } from '../../common/status';

/** What a key of a role may do. */
export const roleMeanings: Record<Role, string> = {
  admin: 'Everything an operator may do, and API keys.',
  operator: 'Sources, their tokens and syncs, calendars and hooks. Reads everything but tokens.',
  reviewer: 'Reads everything.',
  auditor: 'Reads everything that was collected, with the bytes received.',
};
export const roles = Object.keys(roleMeanings) as Role[];

const day = 86_400_000;

/** Whether a key is good, at a moment. */
export function keyWord(key: Pick<ApiKey, 'revoked_at' | 'expires_at'>, now: Date): Word {
  if (key.revoked_at !== null) return { text: 'Revoked', tone: 'quiet', meaning: 'It opens nothing any more.' };
  const left = key.expires_at === null ? Infinity : Date.parse(key.expires_at) - now.getTime();
  if (left <= 0) return { text: 'Expired', tone: 'danger', meaning: 'It opens nothing any more.' };
  if (left < 14 * day) return { text: 'Expires soon', tone: 'warning', meaning: 'It expires within 14 days.' };
  return { text: 'Active', tone: 'good', meaning: 'It is accepted.' };
}

/** The last day whose end is within a year: a key may live as long. */
export const lastDay = (now: Date) => dayText(now, 364);
