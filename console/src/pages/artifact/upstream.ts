type Members = Record<string, unknown>;

const membersOf = (value: unknown): Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Members) : {};

/** An address that leads to Bitbucket and nowhere else; what was collected may say anything. */
export function bitbucketUrl(text: unknown): string | null {
  if (typeof text !== 'string' || !URL.canParse(text)) return null;
  const url = new URL(text);
  return url.protocol === 'https:' && url.hostname === 'bitbucket.org' ? url.href : null;
}

/** Where people see this object at Bitbucket. */
export const upstreamUrlOf = (content: unknown): string | null =>
  bitbucketUrl(membersOf(membersOf(membersOf(content).links).html).href);

const listPath = '/v1/artifacts';

/** The page of the console that shows what an address of the API lists; null where there is none. */
export function pageOf(apiUrl: string): string | null {
  const [path = '', query] = apiUrl.split('?');
  if (path !== listPath && !path.startsWith(`${listPath}/`)) return null;
  return path.slice('/v1'.length) + (query === undefined ? '' : `?${query}`);
}
