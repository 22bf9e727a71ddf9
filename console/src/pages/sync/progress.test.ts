import { describe, expect, it } from 'vitest';

import { percentOf, spanOf } from './progress';

const at = (seconds: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, seconds)).toISOString();
const sync = { started_at: at(0), finished_at: at(100) };

describe('the place of a stream in its sync', () => {
  it('is a share of the whole', () => {
    expect(spanOf({ started_at: at(25), finished_at: at(75) }, sync, new Date())).toEqual({ from: 25, length: 50 });
  });
  it('goes on to now while it runs', () => {
    const running = { started_at: at(0), finished_at: null };
    expect(spanOf({ started_at: at(10), finished_at: null }, running, new Date(at(20)))).toEqual({ from: 50, length: 50 });
  });
  it('is nowhere when it asked nothing', () => {
    expect(spanOf({ started_at: null, finished_at: null }, sync, new Date())).toBeNull();
  });
  it('stays within when an earlier run of the sync began it', () => {
    expect(spanOf({ started_at: at(-50), finished_at: at(500) }, sync, new Date())).toEqual({ from: 0, length: 100 });
  });
});

describe('how far a sync is', () => {
  const progress = { requests_done: 12, requests_planned: 10, eta_seconds: null, waiting_until: null, retries: 0, waited_seconds: 0, budget: null };
  it('never says that it is done before it is', () => {
    expect(percentOf({ progress, state: 'running' })).toBe(99);
    expect(percentOf({ progress, state: 'done' })).toBe(100);
  });
});
