import type { components } from './schema';

export type Problem = components['schemas']['Problem'];

/** What the daemon answered when it did not do what it was asked for, or why it could not be asked. */
export class ApiError extends Error {
  constructor(
    readonly problem: Problem,
    readonly retryAfterSeconds: number | null = null,
  ) {
    super(`${problem.code}: ${problem.title}`);
    this.name = 'ApiError';
  }
  get code() {
    return this.problem.code;
  }
  get status() {
    return this.problem.status;
  }
}

const bare = (code: string, status: number, title: string, detail: string, remedy: string[]): Problem => ({
  type: 'about:blank',
  title,
  status,
  detail,
  code,
  request_id: '',
  retryable: true,
  errors: [],
  causes: [],
  remedy,
});

/** The daemon did not answer at all. */
export const unreachable = () =>
  new ApiError(
    bare('console.unreachable', 0, 'The daemon does not answer', 'The connection failed or was cut.', [
      'See that the daemon runs: evidenced status',
      'This page tries again by itself.',
    ]),
  );

/** Something that is not the daemon answered: a proxy's error page, for example. */
export const notTheDaemon = (status: number) =>
  new ApiError(
    bare(
      'console.unexpected_answer',
      status,
      `The answer ${status} is not the daemon's`,
      'It has no problem document: a proxy in between may have answered.',
      ['Look into the log of the proxy in front of the daemon.', 'Try again.'],
    ),
  );

const isProblem = (value: unknown): value is Problem =>
  typeof value === 'object' && value !== null && typeof (value as Problem).code === 'string';

/** The error that an answer of `status` with this body stands for. */
function errorOf(status: number, body: unknown, retryAfter: string | null = null): ApiError {
  if (!isProblem(body)) return notTheDaemon(status);
  const seconds = retryAfter === null ? NaN : Number(retryAfter);
  return new ApiError(
    { ...bare(body.code, status, '', '', []), ...body },
    Number.isFinite(seconds) ? seconds : null,
  );
}

let doubtSession: () => void = () => undefined;

/** Who is told when an answer says that the session is over, or is not the one that this page knows. */
export function whenSessionIsDoubted(tell: () => void) {
  doubtSession = tell;
}

/** What an answer that refuses means. */
export function refusalOf(response: Response, body: unknown): ApiError {
  const refusal = errorOf(response.status, body, response.headers.get('Retry-After'));
  const isAboutSession = refusal.status === 401 || refusal.code === 'session.csrf';
  if (isAboutSession && !response.url.endsWith('/ui/session')) doubtSession();
  return refusal;
}

/** What everything that a query may throw means to whoever reads the page. */
export function asApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  return new ApiError(
    bare('console.failed', 0, 'The page failed', error instanceof Error ? error.message : String(error), [
      'Load the page again.',
      'If it happens again, report it with this text.',
    ]),
  );
}
