import { Button, SearchInput, Toolbar, ToolbarContent, ToolbarItem } from '@patternfly/react-core';
import { Children, type ReactNode, useEffect, useState } from 'react';

import './filters.css';

/** The filters of a page in a row, and what takes them all away. */
export function Filters({ set, onClear, children }: { set: boolean; onClear: () => void; children: ReactNode }) {
  return (
    <Toolbar inset={{ default: 'insetNone' }}>
      <ToolbarContent alignItems="center">
        {Children.map(children, (child) => child && <ToolbarItem>{child}</ToolbarItem>)}
        {set && (
          <ToolbarItem>
            <Button variant="link" onClick={onClear}>
              Clear filters
            </Button>
          </ToolbarItem>
        )}
      </ToolbarContent>
    </Toolbar>
  );
}

const settleAfter = 300;

interface TypedFilterProperties {
  name: string;
  value: string;
  onChange: (value: string) => void;
}

/** A filter to type: it holds once the typing pauses. */
export function TypedFilter({ name, value, onChange }: TypedFilterProperties) {
  const [typed, setTyped] = useState(value);
  const [held, setHeld] = useState(value);
  if (value !== held) {
    setHeld(value);
    setTyped(value);
  }
  useEffect(() => {
    if (typed === value) return;
    const settling = setTimeout(() => onChange(typed), settleAfter);
    return () => clearTimeout(settling);
  }, [typed, value, onChange]);
  return (
    <SearchInput
      aria-label={name}
      placeholder={name}
      value={typed}
      onChange={(_event, text) => setTyped(text)}
      onClear={() => onChange('')}
    />
  );
}
