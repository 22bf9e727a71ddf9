import type { Tone } from './status';
import { ToneLabel } from './StatusWord';

const tones: Record<string, Tone> = {
  MERGED: 'good',
  SUCCESSFUL: 'good',
  COMPLETED: 'good',
  PASSED: 'good',
  FAILED: 'danger',
  ERROR: 'danger',
};

/** "IN_PROGRESS" → "In progress" */
export function stateText(state: string): string {
  const words = state.replaceAll('_', ' ').toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** The state that an artifact has upstream, and whether it is gone there. */
export function ArtifactState({ state, removedAt }: { state?: string | null; removedAt?: string | null }) {
  return (
    <>
      {removedAt && <ToneLabel tone="warning">Removed</ToneLabel>}{' '}
      {state && <ToneLabel tone={tones[state] ?? 'quiet'}>{stateText(state)}</ToneLabel>}
    </>
  );
}
