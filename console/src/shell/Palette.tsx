import {
  Menu,
  MenuContent,
  MenuItem,
  MenuList,
  MenuSearch,
  MenuSearchInput,
  Modal,
  ModalVariant,
  SearchInput,
} from '@patternfly/react-core';
import { useQuery } from '@tanstack/react-query';
import { type KeyboardEvent, useMemo, useState } from 'react';
import { useNavigate } from 'react-router';

import { sourcesQuery } from '../api/queries';
import { usePlaces } from './places';

const inputId = 'palette-input';

interface Target {
  path: string;
  name: string;
  hint: string;
  words: string;
}

function matches(target: Target, typed: string) {
  const text = `${target.name} ${target.hint} ${target.words}`.toLowerCase();
  return typed
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

function useTargets(): Target[] {
  const places = usePlaces();
  const { data } = useQuery(sourcesQuery({}));
  return useMemo(
    () => [
      ...places.map((place) => ({ path: place.path, name: place.name, hint: 'Page', words: place.words })),
      ...(data?.items ?? []).map((source) => ({
        path: `/sources/${source.id}`,
        name: source.name,
        hint: 'Source',
        words: source.id,
      })),
    ],
    [places, data],
  );
}

function Content({ onGone }: { onGone: () => void }) {
  const [typed, setTyped] = useState('');
  const navigate = useNavigate();
  const targets = useTargets();
  const found: Target[] = targets.filter((target) => matches(target, typed.trim()));
  if (typed.trim().length >= 2) {
    found.push({
      path: `/artifacts?q=${encodeURIComponent(typed.trim())}`,
      name: `Search artifacts for “${typed.trim()}”`,
      hint: 'Search',
      words: '',
    });
  }
  const go = (path: string) => {
    onGone();
    void navigate(path);
  };
  // The menu keeps keys for itself: what is typed is read before it.
  const enter = (event: KeyboardEvent) => {
    const first = found[0];
    if (event.key === 'Enter' && event.target instanceof HTMLInputElement && first) go(first.path);
  };
  return (
    <div onKeyDownCapture={enter}>
      <Menu isScrollable isPlain>
        <MenuSearch>
          <MenuSearchInput>
            <SearchInput
              searchInputId={inputId}
              aria-label="Go to a page, a source, or search artifacts"
              placeholder="Go to a page, a source, or search artifacts"
              value={typed}
              onChange={(_event, value) => setTyped(value)}
              onClear={() => setTyped('')}
            />
          </MenuSearchInput>
        </MenuSearch>
        <MenuContent maxMenuHeight="24rem">
          <MenuList aria-label="Places">
            {found.map((target) => (
              <MenuItem key={target.path} itemId={target.path} description={target.hint} onClick={() => go(target.path)}>
                {target.name}
              </MenuItem>
            ))}
          </MenuList>
        </MenuContent>
      </Menu>
    </div>
  );
}

/** Ctrl K or ⌘K: go anywhere by typing. */
export default function Palette({ onGone }: { onGone: () => void }) {
  return (
    <Modal variant={ModalVariant.small} isOpen onClose={onGone} aria-label="Go to" position="top" elementToFocus={`#${inputId}`}>
      <Content onGone={onGone} />
    </Modal>
  );
}
