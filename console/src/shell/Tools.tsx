import {
  AlertGroup,
  Button,
  DropdownGroup,
  DropdownItem,
  DropdownList,
  Tooltip,
} from '@patternfly/react-core';
import ClockIcon from '@patternfly/react-icons/dist/esm/icons/clock-icon';
import MoonIcon from '@patternfly/react-icons/dist/esm/icons/moon-icon';
import SearchIcon from '@patternfly/react-icons/dist/esm/icons/search-icon';
import UserIcon from '@patternfly/react-icons/dist/esm/icons/user-icon';
import { lazy, type ReactNode, Suspense, useCallback, useEffect, useState } from 'react';
import { useLocation } from 'react-router';

import { signOut, useSession } from '../api/session';
import type { TimeMode } from '../common/format';
import { IconMenu } from '../common/IconMenu';
import { prefer, type Theme, usePreferences } from '../common/preferences';
import { ProblemCard } from '../common/ProblemCard';
import { CopyMenu } from './CopyMenu';
import { useLiveState } from './LiveProvider';

const Palette = lazy(() => import('./Palette'));

interface Choice<Value> {
  value: Value;
  name: string;
}

const times: Choice<TimeMode>[] = [
  { value: 'relative', name: 'Relative' },
  { value: 'utc', name: 'UTC' },
  { value: 'local', name: 'Local time' },
];
const themes: Choice<Theme>[] = [
  { value: 'system', name: 'As the system' },
  { value: 'light', name: 'Light' },
  { value: 'dark', name: 'Dark' },
];

interface ChooserProperties<Value> {
  name: string;
  icon: ReactNode;
  choices: Choice<Value>[];
  chosen: Value;
  onChoose: (value: Value) => void;
}

function Chooser<Value extends string>({ name, icon, choices, chosen, onChoose }: ChooserProperties<Value>) {
  const current = choices.find((choice) => choice.value === chosen)?.name ?? '';
  return (
    <IconMenu label={`${name}: ${current}`} icon={icon} onChoose={(value) => onChoose(value as Value)}>
      <DropdownGroup label={name}>
        <DropdownList>
          {choices.map((choice) => (
            <DropdownItem key={choice.value} value={choice.value} isSelected={choice.value === chosen}>
              {choice.name}
            </DropdownItem>
          ))}
        </DropdownList>
      </DropdownGroup>
    </IconMenu>
  );
}

/** Signs out; what went wrong stays until it is tried again, or until another page is opened. */
function useLeaving() {
  const { pathname } = useLocation();
  const [failure, setFailure] = useState<{ error: unknown; pathname: string } | null>(null);
  const leave = () => {
    setFailure(null);
    signOut().catch((error: unknown) => setFailure({ error, pathname }));
  };
  return { leave, failure: failure?.pathname === pathname ? failure : null };
}

function Account() {
  const { principal } = useSession();
  const { leave, failure } = useLeaving();
  return (
    <>
      <IconMenu label={`Signed in by the key ${principal.name}`} icon={<UserIcon />}>
        <DropdownGroup label={`${principal.name} · ${principal.roles.join(', ')}`}>
          <DropdownList>
            <DropdownItem onClick={leave}>Sign out</DropdownItem>
          </DropdownList>
        </DropdownGroup>
      </IconMenu>
      {failure && (
        <AlertGroup isToast>
          <ProblemCard
            title="Signing out did not work: you are still signed in"
            error={failure.error}
            onRetry={leave}
          />
        </AlertGroup>
      )}
    </>
  );
}

function LiveMark() {
  const state = useLiveState();
  if (state === 'live') return null;
  const text = state === 'polling' ? 'Not live: asked for every 15 s' : 'Connecting…';
  return (
    <Tooltip content={text}>
      <span tabIndex={0} className="ev-live" data-state={state}>
        {text}
      </span>
    </Tooltip>
  );
}

/** What the masthead offers on every page. */
export function Tools() {
  const preferences = usePreferences();
  const [searching, setSearching] = useState(false);
  const gone = useCallback(() => setSearching(false), []);
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== 'k' || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      setSearching(true);
    };
    window.addEventListener('keydown', listen);
    return () => window.removeEventListener('keydown', listen);
  }, []);
  return (
    <div className="ev-tools">
      <LiveMark />
      <Button
        variant="plain"
        icon={<SearchIcon />}
        aria-label="Go to (Ctrl K)"
        aria-keyshortcuts="Control+K Meta+K"
        onClick={() => setSearching(true)}
      />
      <CopyMenu />
      <Chooser
        name="Times"
        icon={<ClockIcon />}
        choices={times}
        chosen={preferences.time}
        onChoose={(time) => prefer({ time })}
      />
      <Chooser
        name="Theme"
        icon={<MoonIcon />}
        choices={themes}
        chosen={preferences.theme}
        onChoose={(theme) => prefer({ theme })}
      />
      <Account />
      {searching && (
        <Suspense>
          <Palette onGone={gone} />
        </Suspense>
      )}
    </div>
  );
}
