import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from 'react';

/** What a page is elsewhere: the API's address of what it shows, and the command that shows the same. */
export interface PageFacts {
  title: string;
  /** Path and query: "/v1/sources?state=active". */
  apiUrl?: string;
  /** "evidenced source list" */
  command?: string;
}

interface Shared {
  facts: PageFacts;
  tell: (facts: PageFacts) => void;
}

const PageContext = createContext<Shared>({ facts: { title: '' }, tell: () => undefined });

export function PageProvider({ children }: { children: ReactNode }) {
  const [facts, tell] = useState<PageFacts>({ title: '' });
  const shared = useMemo(() => ({ facts, tell }), [facts]);
  return <PageContext.Provider value={shared}>{children}</PageContext.Provider>;
}

export const usePageFacts = () => useContext(PageContext).facts;

/** Gives the page its title, and what "copy as" copies. */
export function usePage({ title, apiUrl, command }: PageFacts) {
  const { tell } = useContext(PageContext);
  useEffect(() => {
    document.title = `${title} · evidenced`;
    tell({ title, apiUrl, command });
  }, [tell, title, apiUrl, command]);
}
