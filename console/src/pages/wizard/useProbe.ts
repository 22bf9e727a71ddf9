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

interface State extends Pick<Probe, 'validation' | 'error' | 'isRunning'> {
  /** The credential that was asked with. The workspaces are chosen among those that it sees. */
  what: string;
}

const nothing: State = { what: '', validation: undefined, error: null, isRunning: false };

const asked = (draft: Draft) => JSON.stringify(draft.credential);

/** Asks Bitbucket, through the daemon, what the typed credential may do. Nothing is stored. */
export function useProbe(draft: Draft): Probe {
  const [state, setState] = useState<State>(nothing);
  const running = useRef<AbortController | null>(null);
  useEffect(() => () => running.current?.abort(), []);

  const again = useCallback(() => {
    running.current?.abort();
    const mine = new AbortController();
    running.current = mine;
    const what = asked(draft);
    setState({ ...nothing, what, isRunning: true });
    validateSource(inputOf(draft), mine.signal).then(
      (validation) => {
        if (!mine.signal.aborted) setState({ ...nothing, what, validation });
      },
      (error: unknown) => {
        if (!mine.signal.aborted) setState({ ...nothing, what, error });
      },
    );
  }, [draft]);

  const start = useCallback(() => {
    if (asked(draft) !== state.what || state.error !== null) again();
  }, [again, draft, state]);

  const holds = asked(draft) === state.what;
  return { ...state, validation: holds ? state.validation : undefined, start, again };
}
