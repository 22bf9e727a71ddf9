import { useQueryClient } from '@tanstack/react-query';
import { createContext, type ReactNode, useContext, useEffect, useState, useSyncExternalStore } from 'react';

import { Live, type LiveState } from '../api/live';

const LiveContext = createContext<LiveState>('connecting');

/** How true the page is: live, or asked for every now and then. */
export const useLiveState = () => useContext(LiveContext);

export function LiveProvider({ children }: { children: ReactNode }) {
  const queries = useQueryClient();
  const [live] = useState(() => new Live(queries));
  useEffect(() => {
    live.begin();
    return () => live.end();
  }, [live]);
  const state = useSyncExternalStore(live.subscribe, live.getState);
  return <LiveContext.Provider value={state}>{children}</LiveContext.Provider>;
}
