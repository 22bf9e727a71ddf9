import { useCallback, useEffect, useRef, useState } from 'react';

import { validateSource } from '../../api/actions';
import type { Schemas } from '../../api/client';
import { type Draft, inputOf } from './draft';

export interface Probe {
  /** What Bitbucket said to the credential as it stands now; undefined: it was not asked yet. */
  validation: Schemas['Validation'] | undefined;
  error: unknown;
  isRunning: boolean;
  /** Asks again, unless what was asked last still holds. */
  start: () => void;
  again: () => void;
}

const asked = (draft: Draft) => JSON.stringify([draft.credential, draft.workspaces]);

/** Asks Bitbucket, through the daemon, what the typed credential may do. Nothing is stored. */
export function useProbe(draft: Draft): Probe {
  const [state, setState] = useState<Pick<Probe, 'validation' | 'error' | 'isRunning'>>({
    validation: undefined,
    error: null,
    isRunning: false,
  });
  const running = useRef<AbortController | null>(null);
  const last = useRef('');
  useEffect(() => () => running.current?.abort(), []);

  const again = useCallback(() => {
    running.current?.abort();
    const mine = new AbortController();
    running.current = mine;
    last.current = asked(draft);
    setState({ validation: undefined, error: null, isRunning: true });
    validateSource(inputOf(draft), mine.signal).then(
      (validation) => {
        if (!mine.signal.aborted) setState({ validation, error: null, isRunning: false });
      },
      (error: unknown) => {
        if (!mine.signal.aborted) setState({ validation: undefined, error, isRunning: false });
      },
    );
  }, [draft]);

  const start = useCallback(() => {
    if (asked(draft) !== last.current || state.error !== null) again();
  }, [again, draft, state.error]);

  const holds = asked(draft) === last.current;
  return { ...state, validation: holds ? state.validation : undefined, start, again };
}
