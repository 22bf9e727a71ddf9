import { api, idempotencyKey, type Schemas, take } from './client';

// What can be done to sources and syncs. All throw ApiError.

const at = (id: string) => ({ params: { path: { id } } });

export const pauseSource = (id: string) => take(api.POST('/v1/sources/{id}/pause', at(id)));
export const resumeSource = (id: string) => take(api.POST('/v1/sources/{id}/resume', at(id)));
export const deleteSource = (id: string) => take(api.DELETE('/v1/sources/{id}', at(id)));

/** Errors: source.paused, and what keeps a sync from being queued. */
export const startSync = (id: string, body: Schemas['SyncInput']) =>
  take(api.POST('/v1/sources/{id}/syncs', { ...at(id), body }));

/** At the next end of a page. Errors: sync.finished. */
export const cancelSync = (id: string) => take(api.POST('/v1/syncs/{id}/cancel', at(id)));

/** Asks Bitbucket again what the stored credential may do. */
export const testSource = (id: string) => take(api.POST('/v1/sources/{id}/validations', at(id)));

/** The sudden drop of a stream is true: its rows may be marked as removed. */
export const confirmDrop = (id: string, stream: string) =>
  take(api.POST('/v1/sources/{id}/streams/{stream}/confirm', { params: { path: { id, stream } } }));

export const changeSource = (id: string, body: Schemas['SourcePatch']) =>
  take(api.PATCH('/v1/sources/{id}', { ...at(id), body }));

/** The new token is probed for the same account before it takes the place of the old one. */
export const rotateCredential = (id: string, body: Schemas['CredentialInput']) =>
  take(api.PUT('/v1/sources/{id}/credential', { ...at(id), body }));

/** The same checks as creating a source makes; nothing is stored. */
export const validateSource = (body: Schemas['SourceInput'], signal?: AbortSignal) =>
  take(
    api.POST('/v1/sources', { params: { query: { validate_only: true } }, body, signal }),
  ) as unknown as Promise<Schemas['Validation']>;

/** `key`: of this submission, so that sending it again creates nothing twice. */
export const createSource = (body: Schemas['SourceInput'], key: string) =>
  take(api.POST('/v1/sources', { params: { header: { 'Idempotency-Key': key } }, body })) as unknown as Promise<
    Schemas['Source']
  >;

export const newSubmission = idempotencyKey;
