import {
  Badge,
  MenuSearch,
  MenuSearchInput,
  MenuToggle,
  SearchInput,
  Select,
  SelectList,
  SelectOption,
} from '@patternfly/react-core';
import { useState } from 'react';

export interface Pick {
  value: string;
  label: string;
  hint?: string;
}

interface PickManyProperties {
  name: string;
  picks: Pick[];
  chosen: string[];
  onChange: (chosen: string[]) => void;
}

const shownAtMost = 100;
const searchedFrom = 9;

const toggled = (chosen: string[], value: string) =>
  chosen.includes(value) ? chosen.filter((each) => each !== value) : [...chosen, value];

/** Those to list: what is chosen stays in sight, even where nobody knows it any more. */
function listed(picks: Pick[], chosen: string[], typed: string): Pick[] {
  const known = new Set(picks.map((pick) => pick.value));
  const all: Pick[] = [...chosen.filter((value) => !known.has(value)).map((value) => ({ value, label: value })), ...picks];
  const words = typed.toLowerCase();
  return words === '' ? all : all.filter((pick) => `${pick.label} ${pick.hint ?? ''}`.toLowerCase().includes(words));
}

/** A filter of many values: a button that says how many are chosen, and a list to choose from. */
export function PickMany({ name, picks, chosen, onChange }: PickManyProperties) {
  const [open, setOpen] = useState(false);
  const [typed, setTyped] = useState('');
  const found = listed(picks, chosen, typed);
  return (
    <Select
      role="menu"
      isScrollable
      maxMenuHeight="20rem"
      isOpen={open}
      onOpenChange={setOpen}
      onSelect={(_event, value) => onChange(toggled(chosen, String(value)))}
      toggle={(ref) => (
        <MenuToggle
          ref={ref}
          isExpanded={open}
          onClick={() => setOpen(!open)}
          badge={chosen.length > 0 && <Badge isRead>{chosen.length}</Badge>}
        >
          {name}
        </MenuToggle>
      )}
    >
      {picks.length >= searchedFrom && (
        <MenuSearch>
          <MenuSearchInput>
            <SearchInput aria-label={`Search ${name}`} value={typed} onChange={(_event, value) => setTyped(value)} />
          </MenuSearchInput>
        </MenuSearch>
      )}
      <SelectList aria-label={name}>
        {found.slice(0, shownAtMost).map((pick) => (
          <SelectOption
            key={pick.value}
            hasCheckbox
            value={pick.value}
            isSelected={chosen.includes(pick.value)}
            description={pick.hint}
          >
            <bdi className="ev-wrap">{pick.label}</bdi>
          </SelectOption>
        ))}
        {found.length > shownAtMost && <SelectOption isDisabled>{found.length - shownAtMost} more: search</SelectOption>}
        {found.length === 0 && <SelectOption isDisabled>None</SelectOption>}
      </SelectList>
    </Select>
  );
}
