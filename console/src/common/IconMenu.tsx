import { Dropdown, MenuToggle } from '@patternfly/react-core';
import { type ReactNode, useState } from 'react';

interface IconMenuProperties {
  /** What it is called; the icon says it to nobody who does not see it. */
  label: string;
  icon: ReactNode;
  /** What was chosen, for entries that have a value. */
  onChoose?: (value: unknown) => void;
  /** Lists of entries. */
  children: ReactNode;
}

/** A menu behind an icon at the end of a line. It closes when something is chosen. */
export function IconMenu({ label, icon, onChoose, children }: IconMenuProperties) {
  const [open, setOpen] = useState(false);
  return (
    <Dropdown
      isOpen={open}
      onOpenChange={setOpen}
      onSelect={(_event, value) => {
        onChoose?.(value);
        setOpen(false);
      }}
      popperProps={{ position: 'end' }}
      toggle={(ref) => (
        <MenuToggle
          ref={ref}
          variant="plain"
          isExpanded={open}
          onClick={() => setOpen(!open)}
          aria-label={label}
          icon={icon}
        />
      )}
    >
      {children}
    </Dropdown>
  );
}
