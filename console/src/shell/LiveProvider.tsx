import { useQueryClient } from '@tanstack/react-query';
import { createContext, type ReactNode, useContext, useEffect, useState, useSyncExternalStore } from 'react';

import { Live, type LiveState } from '../api/live';

const LiveContext = createContext<LiveState>('connecting');

/** How true the page is: live, or asked for every now and then. */
export const useLiveState = () => useContext(LiveContext);

export function LiveProvider({ children }: { children: ReactNode }) {
  const queries = useQueryClient();
  const [live, setLive] = useState<Live>();
  useEffect(() => {
    const made = new Live(queries);
    setLive(made);
    return () => made.end();
  }, [queries]);
  return live === undefined ? children : <Told live={live}>{children}</Told>;
}

function Told({ live, children }: { live: Live; children: ReactNode }) {
  const state = useSyncExternalStore(live.subscribe, live.getState);
  return <LiveContext.Provider value={state}>{children}</LiveContext.Provider>;
}
