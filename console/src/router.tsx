import { type ComponentType, lazy } from 'react';
import { createBrowserRouter, matchRoutes } from 'react-router';

import { Failed } from './pages/Failed';
import { NotFound } from './pages/NotFound';
import { Door } from './shell/Door';

type Load = () => Promise<{ default: ComponentType }>;

/** A page whose chunk is loaded when it is first seen. */
function page(load: Load) {
  const Page = lazy(load);
  return { element: <Page />, handle: load };
}

/** Every page is an address of its own. */
export const router = createBrowserRouter(
  [
    { path: '/sign-in', ...page(() => import('./pages/SignIn')), errorElement: <Failed /> },
    {
      path: '/',
      element: <Door />,
      errorElement: <Failed />,
      children: [
        { index: true, ...page(() => import('./pages/overview/Overview')) },
        { path: 'sources', ...page(() => import('./pages/sources/Sources')) },
        { path: 'sources/new', ...page(() => import('./pages/wizard/AddSource')) },
        { path: 'sources/:id/:tab?', ...page(() => import('./pages/source/SourcePage')) },
        { path: 'syncs', ...page(() => import('./pages/syncs/Syncs')) },
        { path: 'syncs/:id', ...page(() => import('./pages/sync/SyncPage')) },
        { path: 'artifacts', ...page(() => import('./pages/artifacts/Artifacts')) },
        { path: 'artifacts/:id/:tab?', ...page(() => import('./pages/artifact/ArtifactPage')) },
        { path: 'access', ...page(() => import('./pages/access/Access')) },
        { path: 'changes', ...page(() => import('./pages/changes/Changes')) },
        { path: 'events', ...page(() => import('./pages/events/Events')) },
        { path: 'keys/:tab?', ...page(() => import('./pages/keys/Keys')) },
        { path: 'about/:tab?', ...page(() => import('./pages/about/About')) },
        { path: '*', element: <NotFound /> },
      ],
    },
  ],
  { basename: '/ui' },
);

// The chunk of the page that is asked for need not wait for the session.
for (const { route } of matchRoutes(router.routes, window.location, '/ui') ?? []) {
  void (route.handle as Load | undefined)?.().catch(() => undefined);
}
