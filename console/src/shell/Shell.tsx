import {
  Brand,
  Masthead,
  MastheadBrand,
  MastheadContent,
  MastheadLogo,
  MastheadMain,
  MastheadToggle,
  Nav,
  NavItem,
  NavList,
  Page,
  PageSidebar,
  PageSidebarBody,
  PageToggleButton,
  SkipToContent,
} from '@patternfly/react-core';
import BarsIcon from '@patternfly/react-icons/dist/esm/icons/bars-icon';
import { Suspense, useState } from 'react';
import { Link, Outlet, useLocation } from 'react-router';

import { PageLoading } from '../common/Loaded';
import icon from '../icon.svg';
import { speakIn } from './announce';
import { LiveProvider } from './LiveProvider';
import { Tools } from './Tools';
import { PageProvider } from './page';
import { type Place, usePlaces } from './places';

const isHere = (place: Place, pathname: string) =>
  place.path === '/' ? pathname === '/' : pathname === place.path || pathname.startsWith(`${place.path}/`);

function Navigation() {
  const { pathname } = useLocation();
  return (
    <Nav aria-label="Console">
      <NavList>
        {usePlaces().map((place) => (
          <NavItem key={place.path} itemId={place.path} isActive={isHere(place, pathname)}>
            <Link to={place.path} aria-current={isHere(place, pathname) ? 'page' : undefined}>
              {place.name}
            </Link>
          </NavItem>
        ))}
      </NavList>
    </Nav>
  );
}

const narrow = () => window.matchMedia('(max-width: 1199px)').matches;

/** Masthead, navigation and the page within. */
export function Shell() {
  const [open, setOpen] = useState(() => !narrow());
  const { pathname } = useLocation();
  const [lastPath, setLastPath] = useState(pathname);
  if (pathname !== lastPath) {
    setLastPath(pathname);
    if (narrow()) setOpen(false);
  }
  const masthead = (
    <Masthead display={{ default: 'inline' }}>
      <MastheadMain>
        <MastheadToggle>
          <PageToggleButton
            variant="plain"
            aria-label="Navigation"
            isSidebarOpen={open}
            onSidebarToggle={() => setOpen(!open)}
          >
            <BarsIcon />
          </PageToggleButton>
        </MastheadToggle>
        <MastheadBrand>
          <MastheadLogo component={(properties) => <Link {...properties} to="/" aria-label="evidenced: overview" />}>
            <Brand src={icon} alt="" heights={{ default: '28px' }} />
            <span className="ev-name">evidenced</span>
          </MastheadLogo>
        </MastheadBrand>
      </MastheadMain>
      <MastheadContent>
        <Tools />
      </MastheadContent>
    </Masthead>
  );
  return (
    <PageProvider>
      <LiveProvider>
        <Page
          masthead={masthead}
          sidebar={
            <PageSidebar isSidebarOpen={open}>
              <PageSidebarBody>
                <Navigation />
              </PageSidebarBody>
            </PageSidebar>
          }
          skipToContent={<SkipToContent href="#main">Skip to content</SkipToContent>}
          mainContainerId="main"
          mainTabIndex={-1}
        >
          <Suspense fallback={<PageLoading />}>
            <Outlet />
          </Suspense>
        </Page>
        <div ref={speakIn} role="status" aria-live="polite" className="pf-v6-screen-reader" />
      </LiveProvider>
    </PageProvider>
  );
}
