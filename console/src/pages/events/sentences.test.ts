import { expect, test } from 'vitest';

import type { Event } from '../../api/readBack';
import { families, sentenceOf, typesOf } from './sentences';

const event = (type: string, data: Event['data'] = {}): Event => ({
  seq: 1,
  type: type as Event['type'],
  at: '2026-11-30T08:00:00Z',
  source_id: 'src_1',
  subject_id: 'sub_1',
  data,
});
const said = (type: string, data: Event['data'] = {}) => {
  const { subject, text } = sentenceOf(event(type, data), (id) => `name of ${id}`);
  return `${subject} ${text}`;
};

test('sentences', () => {
  expect(said('artifact.created', { kind: 'pull_request', repository: 'acme/api' })).toBe(
    'Pull request of acme/api was collected for the first time',
  );
  expect(said('sync.finished', { result: 'partial' })).toBe('Sync of name of src_1 is done: partial');
  expect(said('credential.expiring', { name: 'Acme', threshold_days: 7 })).toBe(
    'Acme has a credential that expires within 7 days',
  );
  expect(said('coverage.changed', { kind: 'deploy_key', to: 'missing_scope', scopes: 'admin:x' })).toBe(
    'name of src_1 covers deploy key differently now: scope missing (admin:x)',
  );
  expect(said('session.ended', { key_id: 'key_1', reason: 'signed_out' })).toBe('Key key_1 signed out');
});

test('an event that is not known says its type', () => {
  expect(said('moon.rose')).toBe('sub_1 moon.rose');
  expect(sentenceOf(event('moon.rose'), () => '').to).toBeNull();
});

test('families name all of their types', () => {
  expect(families).toContain('drift');
  expect(typesOf(['drift', 'moon'])).toEqual(['drift.found', 'drift.ended']);
});
