import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';

import { api, idempotencyKey, type Schemas, take } from './client';
import { cursorOf } from './queries';

export type ApiKey = Schemas['ApiKey'];
export type CalendarFeed = Schemas['CalendarFeed'];

const whole = 500;

export const keysQuery = infiniteQueryOptions({
  queryKey: ['keys'],
  queryFn: ({ signal, pageParam }) =>
    take(api.GET('/v1/api-keys', { params: { query: { limit: whole, cursor: pageParam } }, signal })),
  initialPageParam: undefined as string | undefined,
  getNextPageParam: (page) => cursorOf(page.next),
});

/** Makes a key; `once` is the same for every try of one form. Throws ApiError. */
export const createKey = (body: Schemas['ApiKeyInput'], once: string) =>
  take(api.POST('/v1/api-keys', { params: { header: { 'Idempotency-Key': once } }, body }));

export const revokeKey = (id: string) => take(api.DELETE('/v1/api-keys/{id}', { params: { path: { id } } }));

/** A link that signs in once, with the rights of the key that asks. */
export const createSignInLink = () =>
  take(api.POST('/v1/sign-in-links', { params: { header: { 'Idempotency-Key': idempotencyKey() } } }));

export const calendarFeedsQuery = queryOptions({
  queryKey: ['calendar-feeds'],
  queryFn: ({ signal }) => take(api.GET('/v1/calendar-feeds', { params: { query: { limit: whole } }, signal })),
});

export const createCalendarFeed = (body: Schemas['CalendarFeedInput'], once: string) =>
  take(api.POST('/v1/calendar-feeds', { params: { header: { 'Idempotency-Key': once } }, body }));

export const revokeCalendarFeed = (id: string) =>
  take(api.DELETE('/v1/calendar-feeds/{id}', { params: { path: { id } } }));
