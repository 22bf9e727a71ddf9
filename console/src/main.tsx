import '@patternfly/react-core/dist/styles/base.css';
import './style.css';
import './common/preferences';

import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { RouterProvider } from 'react-router';

import { ApiError } from './api/problem';
import { followSession, sessionQuery } from './api/session';
import { router } from './router';

const tries = 3;
const passes = (error: unknown) => !(error instanceof ApiError) || error.status === 0 || error.status >= 500;

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      retry: (failures, error) => passes(error) && failures < tries,
      retryDelay: (failures) => Math.min(500 * 2 ** failures, 5_000),
      // A daemon that was restarted is found again by itself.
      refetchInterval: (query) => (query.state.status === 'error' && passes(query.state.error) ? 5_000 : false),
    },
  },
});

followSession(queries);

// Asked before anything is rendered: all else waits for it.
void queries.query(sessionQuery).catch(() => undefined);

const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no root');
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <RouterProvider router={router} />
    </QueryClientProvider>
  </StrictMode>,
);
