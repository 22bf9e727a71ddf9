import { lazy } from 'react';
import { createBrowserRouter } from 'react-router';

import { Failed } from './pages/Failed';
import { NotFound } from './pages/NotFound';
import { Door } from './shell/Door';

const Overview = lazy(() => import('./pages/overview/Overview'));
const Sources = lazy(() => import('./pages/sources/Sources'));
const AddSource = lazy(() => import('./pages/wizard/AddSource'));
const SourcePage = lazy(() => import('./pages/source/SourcePage'));
const Syncs = lazy(() => import('./pages/syncs/Syncs'));
const SyncPage = lazy(() => import('./pages/sync/SyncPage'));
const Artifacts = lazy(() => import('./pages/artifacts/Artifacts'));
const ArtifactPage = lazy(() => import('./pages/artifact/ArtifactPage'));
const Access = lazy(() => import('./pages/access/Access'));
const Changes = lazy(() => import('./pages/changes/Changes'));
const Events = lazy(() => import('./pages/events/Events'));
const Keys = lazy(() => import('./pages/keys/Keys'));
const About = lazy(() => import('./pages/about/About'));
const SignIn = lazy(() => import('./pages/SignIn'));

/** Every page is an address of its own; its chunk is loaded when it is first seen. */
export const router = createBrowserRouter(
  [
    { path: '/sign-in', element: <SignIn />, errorElement: <Failed /> },
    {
      path: '/',
      element: <Door />,
      errorElement: <Failed />,
      children: [
        { index: true, element: <Overview /> },
        { path: 'sources', element: <Sources /> },
        { path: 'sources/new', element: <AddSource /> },
        { path: 'sources/:id/:tab?', element: <SourcePage /> },
        { path: 'syncs', element: <Syncs /> },
        { path: 'syncs/:id', element: <SyncPage /> },
        { path: 'artifacts', element: <Artifacts /> },
        { path: 'artifacts/:id/:tab?', element: <ArtifactPage /> },
        { path: 'access', element: <Access /> },
        { path: 'changes', element: <Changes /> },
        { path: 'events', element: <Events /> },
        { path: 'keys/:tab?', element: <Keys /> },
        { path: 'about/:tab?', element: <About /> },
        { path: '*', element: <NotFound /> },
      ],
    },
  ],
  { basename: '/ui' },
);
