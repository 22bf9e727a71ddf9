import createClient, { type Middleware } from 'openapi-fetch';

import { refusalOf, unreachable } from './problem';
import type { components, paths } from './schema';

export type Schemas = components['schemas'];

let csrfToken = '';

/** The session's token, sent with everything that is not a read. */
export function rememberCsrfToken(token: string) {
  csrfToken = token;
}

const guard: Middleware = {
  onRequest({ request }) {
    if (request.method !== 'GET' && csrfToken !== '') request.headers.set('X-CSRF-Token', csrfToken);
    return request;
  },
};

/** The API, typed by the daemon's own OpenAPI document. Paths are relative: no other host is ever asked. */
export const api = createClient<paths>({
  baseUrl: window.location.origin,
  credentials: 'same-origin',
  querySerializer: { array: { style: 'form', explode: true } },
});
api.use(guard);

interface Answer<T> {
  data?: T | undefined;
  error?: unknown;
  response: Response;
}

/** The data of an answer. Throws ApiError. */
export async function take<T>(asked: Promise<Answer<T>>): Promise<T> {
  const { data, error, response } = await arrived(asked);
  if (error !== undefined || !response.ok) throw refusalOf(response, error);
  return data as T;
}

async function arrived<T>(asked: Promise<Answer<T>>): Promise<Answer<T>> {
  try {
    return await asked;
  } catch (failure) {
    if (failure instanceof DOMException && failure.name === 'AbortError') throw failure;
    throw unreachable();
  }
}

/** A key for requests that must have their effect once, however often they are sent. */
export const idempotencyKey = () => crypto.randomUUID();
